"""Words of the kitchen that mean the same, and English words as they are written in Devanagari."""

import unicodedata

from core.menu.spelling import fold, plain

# One line, one meaning. A guest who writes any of them finds a dish or an option named with another.
_SAME = """
tea chai chay chaay cha chaya
water pani paani
egg eggs anda ande anday
onion onions pyaz pyaaz pyaaj piyaz piyaaz kanda
garlic lehsun lahsun lasun lehsoon
potato potatoes aloo alu aaloo
cauliflower gobi gobhi gobee
rice chawal bhaat
curd dahi yogurt yoghurt thayir
milk doodh dudh
sugar chini cheeni shakkar shakar
salt namak
chilli chili chilly chillies chilies mirch mirchi
spicy teekha tikha teekhi tikhi theekha theeka mirchidar
butter makkhan makhan
lime lemon nimbu neembu limbu
ginger adrak
mint pudina
coriander dhania dhaniya cilantro
peas matar mutter mattar
spinach palak
okra bhindi ladyfinger
eggplant brinjal baingan baigan
cold thanda thandi thande chilled iced
hot garam
sweet meetha mitha meethi mithi
salted salty namkeen
plain sada saada sadi saadi
cumin jeera zeera jira
chickpeas chole chhole chana channa chickpea
rajma rajmah
chicken murgh murg kukkad
mutton gosht lamb
fish machli machhli macchi
prawn prawns jhinga shrimp shrimps
coconut nariyal
tomato tomatoes tamatar
mushroom mushrooms khumb
cheese cheez chiz cheeze
mixed mix
buttermilk chaas chaach chhaas chhachh mattha majjiga
juice ras
schezwan szechuan sichuan shezwan schezuan
pickle pickles achar achaar
papad papadum pappadam papar pappad
pakora pakoda pakode pakore bhajiya bhajia
kadhai kadai karahi karhai
ice baraf barf
oil tel
extra additional
veg vegetable vegetarian
momo momos
noodle noodles
manchurian manchuri
vada wada vadai bada
puri poori
sambar sambhar sambaar
chutney chatni
raita rayta
roasted bhuna
cashew kaju
almond badam
pistachio pista
saffron kesar
mango aam
banana kela
coke cocacola
"""

CONCEPTS: dict[str, str] = {
    plain(word): line.split()[0] for line in _SAME.strip().splitlines() for word in line.split()
}

# Spelled as they sound, they look little like themselves: राइस is "raais", not "rice".
_LOANS = """
वेज veg | वेजिटेबल vegetable | नॉन non | नॉनवेज nonveg | राइस rice | फ्राइड fried | फ्राई fry
फ्राइज fries | फ्राइस fries | जूस juice | केक cake | आइस ice | आइसक्रीम icecream | लाइम lime | लेमन lemon
सोडा soda | चीज cheese | प्लेन plain | मिक्स mix | ग्रीन green | स्वीट sweet | कोल्ड cold | हॉट hot
टी tea | फिश fish | सूप soup | रोल roll | सैंडविच sandwich | सेंडविच sandwich | बर्गर burger
पिज्जा pizza | पीजा pizza | पिजा pizza | पास्ता pasta | नूडल्स noodles | नूडल noodle | मोमोज momos
कॉफी coffee | काफी coffee | कॉफ़ी coffee | फिल्टर filter | मिल्क milk | शेक shake | चॉकलेट chocolate
चाकलेट chocolate | ब्राउनी brownie | वडा vada | वड़ा vada | बड़ा bada | बड़ी badi | बड़े bade
छोटा chota | छोटी choti | छोटे chote | पकौडा pakoda | पकोडा pakoda | पापड papad | कढाई kadhai
कडाही kadhai | पानी water | पनीर paneer | मसाला masala | डोसा dosa | दोसा dosa | इडली idli | समोसा samosa
चिकन chicken | बटर butter | गार्लिक garlic | गर्लिक garlic | नान naan | रोटी roti | पराठा paratha
परांठा paratha | बिरयानी biryani | बिर्यानी biryani | टिक्का tikka | प्याज onion | लहसुन garlic
अदरक ginger | अंडा egg | अंडे egg | एग egg | मटन mutton | चिली chilli | पेपर pepper | पेप्सी pepsi
कोक coke | मैंगो mango | मैंगों mango | स्पेशल special | एक्सट्रा extra | एक्स्ट्रा extra
विदाउट without | स्पाइसी spicy | हाफ half | फुल full | लार्ज large | स्मॉल small | मीडियम medium
रेगुलर regular | प्लेट plate | प्लेटें plate | गिलास glass | ग्लास glass | कप cup | पीस piece
बोतल bottle | कटोरी bowl | पैकेट packet | ऑर्डर order | आर्डर order | टेबल table | नंबर number
पार्सल parcel | पैक pack | डिलीवरी delivery | प्लीज please | शुगर sugar | आइस्ड iced | टोस्ट toast
ब्रेड bread | बन bun | मस्का maska | कटलेट cutlet | डिस्काउंट discount | ऑफर offer | रिफंड refund
बिल bill | पेमेंट payment | मेन्यू menu | मेनू menu | कार्ट cart | कैंसल cancel | कैंसिल cancel
जम्बो jumbo | जंबो jumbo | थाली thali | लस्सी lassi | जलेबी jalebi | गुलाब gulab | जामुन jamun
रसमलाई rasmalai | खीर kheer | हलवा halwa | पाव pav | भाजी bhaji | मंचूरियन manchurian | सांबर sambar
सांभर sambar | रायता raita | छोले chole | भटूरे bhature | भटूरा bhatura | पूरी puri | उत्तपम uttapam
"""


def _bare(word: str) -> str:
    return unicodedata.normalize("NFD", word).replace("\u093c", "").replace("\u0901", "\u0902")


LOANWORDS: dict[str, str] = {
    _bare(pair.split()[0]): pair.split()[1]
    for line in _LOANS.strip().splitlines()
    for pair in line.split("|")
    if pair.strip()
}

# Dishes and ingredients that are words of their own: never taken for the misspelling of another.
_OTHER_FOOD = """
pizza burger pasta pista momos noodles sandwich roll wrap taco sushi steak fries chips nachos salad soup soap rice
price roti naan nan dosa idli vada upma poha samosa kachori chaat bhel puri pav bhaji dal daal sabzi paneer tofu
chicken mutton fish egg biryani pulao kebab kabab korma curry masala tikka thali lassi chai tea coffee latte mocha
juice shake coke pepsi sprite fanta water soda beer wine cake pastry brownie donut muffin cookie biscuit bread bun
toast butter cheese ghee cream curd raita pickle papad kheer halwa jalebi laddu ladoo barfi rasgulla rasmalai kulfi
faluda falooda sundae icecream waffle pancake omelette omelet maggi macaroni lasagna risotto ramen dumpling dimsum
spring manchurian sausage bacon ham salami prawn crab lamb beef pork duck turkey kulcha paratha puri bhatura
uttapam appam pongal kichdi khichdi rasam sambar chutney mint mango apple banana orange grape pineapple papaya
melon lemon lime ginger garlic onion tomato potato spinach corn mushroom olive olives jalapeno capsicum cucumber
carrot beans peas rajma chole ketchup mayo mayonnaise mustard vinegar sauce gravy honey cashew almond peanut
pistachio coconut saffron sugar salt pepper chilli oil
"""
FOODS: frozenset[str] = frozenset(plain(word) for word in _OTHER_FOOD.split()) | frozenset(CONCEPTS)

# However a word is spelled, unless another food sounds the same: tika may be tikka, and then it is not teekha.
_SOUNDS_OF_OTHERS = frozenset(fold(word) for word in FOODS if word not in CONCEPTS)
_BY_FOLD: dict[str, str] = {
    sound: concept for word, concept in CONCEPTS.items() if (sound := fold(word)) not in _SOUNDS_OF_OTHERS
}


def concept_of(key: str) -> str:
    """The meaning of a kitchen word, or the word itself."""
    meaning = CONCEPTS.get(key)
    if meaning is not None or key in FOODS:
        return meaning or key
    return _BY_FOLD.get(fold(key), key)
