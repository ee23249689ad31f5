"""Words that work at every step of the conversation: menu, cart, help …, in English, Hindi and Hindi in Latin letters.

A global word is the whole message. "cancel my order" is one; "cancel the naan" is an order's business.
"""

import re
from enum import StrEnum

from bot.conversation.text_order.words import key_of, readable

_LONGEST = 60  # characters; a longer message is more than a word


class GlobalWord(StrEnum):
    HELLO = "hello"
    MENU = "menu"
    CART = "cart"
    CHECKOUT = "checkout"
    TRACK = "track"
    CANCEL = "cancel"
    MONEY = "money"
    ORDERS = "orders"
    USUAL = "usual"
    PROFILE = "profile"
    ADDRESSES = "addresses"
    LANGUAGE = "language"
    PRIVACY = "privacy"
    HELP = "help"
    HUMAN = "human"
    BACK = "back"
    STOP = "stop"


PHRASES: dict[GlobalWord, str] = {
    GlobalWord.HELLO: """
        hello | helo | hallo | hi | hii | hiii | hey | heya | heyy | hi there | hello there | hey there | yo
        start | restart | start over | begin | good morning | good afternoon | good evening | namaste | namaskar
        namasthe | vanakkam | ram ram | salaam | adaab | hola | shuru | shuru karo | नमस्ते | नमस्कार | हैलो | हेलो
        हाय | शुरू | शुरू करो | शुरू करें | सुप्रभात""",
    GlobalWord.MENU: """
        menu | menu card | show menu | show me menu | see menu | view menu | open menu | main menu | full menu
        food menu | menu dikhao | menu dikha do | menu dikhaiye | menu bhejo | menu bhej do | menu batao
        send menu | send me menu | i want menu | want menu | menu chahiye | browse | browse menu | food | order
        order food | i want to order | i would like to order | want to order | order now | new order
        order karna hai | khana order karna hai | mujhe order karna hai | khana chahiye | kya hai khane mein
        kya kya hai | kya milega | menu mein kya hai | what do you have | whats on menu | मेनू | मेन्यू | मीनू
        मेनू दिखाओ | मेन्यू दिखाओ | मेनू दिखाइए | मेन्यू दिखाइए | मेनू भेजो | ऑर्डर करना है | मुझे ऑर्डर करना है
        खाना ऑर्डर करना है | खाना चाहिए""",
    GlobalWord.CART: """
        cart | my cart | show cart | show my cart | see cart | view cart | open cart | basket | my basket | bag
        my bag | whats in my cart | cart dikhao | mera cart | mera cart dikhao | cart mein kya hai | कार्ट
        मेरा कार्ट | कार्ट दिखाओ | कार्ट दिखाइए | टोकरी""",
    GlobalWord.CHECKOUT: """
        checkout | check out | checkout karo | proceed | proceed to checkout | place order | place my order
        confirm order | confirm my order | finish order | complete order | pay | pay now | payment
        payment karna hai | pay karna hai | order confirm | order confirm karo | order place karo | order kar do
        order pakka | thats all | that is all | done | i am done | bas itna hi | ho gaya bas | चेकआउट | चेक आउट
        ऑर्डर कर दो | ऑर्डर कन्फर्म | ऑर्डर कन्फर्म करो | ऑर्डर पक्का | भुगतान | भुगतान करना है | पेमेंट
        पेमेंट करना है | बस इतना ही""",
    GlobalWord.TRACK: """
        track | track order | track my order | order status | my order status | status | status of my order
        where is my order | wheres my order | where is my food | wheres my food | where is order | my order
        order kahan hai | order kaha hai | mera order | mera order kahan hai | mera order kaha hai
        mera khana kahan hai | order kab aayega | mera order kab aayega | kab aayega | kitna time lagega
        order track karo | track karo | how long | how long will it take | when will my order come | ट्रैक
        ट्रैक करो | ऑर्डर ट्रैक करो | मेरा ऑर्डर | मेरा ऑर्डर कहाँ है | मेरा ऑर्डर कहां है | ऑर्डर कहाँ है
        ऑर्डर कब आएगा | मेरा ऑर्डर कब आएगा | कब आएगा | ऑर्डर का स्टेटस | स्टेटस | कितना समय लगेगा""",
    GlobalWord.MONEY: """
        money | my money | where is my money | wheres my money | refund | my refund | refund status | where is refund
        where is my refund | wheres my refund | when will i get my money | when will i get my refund | money back
        i want my money back | payment status | refund kahan hai | mera refund | mera refund kahan hai
        mera refund kab aayega | refund kab aayega | refund kab milega | mera paisa | mera paisa kahan hai
        mere paise kahan hain | mere paise kab aayenge | paise kab wapas aayenge | paisa wapas | paise wapas
        रिफ़ंड | रिफंड | मेरा रिफ़ंड | मेरा रिफंड | रिफ़ंड कब आएगा | रिफंड कब आएगा | मेरा पैसा कहाँ है | मेरे पैसे कहाँ हैं
        पैसे वापस | पैसा वापस | पैसे कब आएँगे | पैसे कब वापस आएँगे""",
    GlobalWord.CANCEL: """
        cancel | cancle | cancel order | cancel my order | cancel it | cancel this order | cancel that order
        i want to cancel | i want to cancel my order | want to cancel | want to cancel my order | cancel karo
        cancel kar do | cancel kardo | cancel karna hai | order cancel | order cancel karo | order cancel kar do
        order cancel karna hai | mera order cancel karo | mera order cancel kar do | mujhe cancel karna hai
        mujhe order cancel karna hai | रद्द | रद्द करो | रद्द करें | रद्द कर दो | ऑर्डर रद्द करो
        ऑर्डर रद्द करना है | ऑर्डर रद्द कर दो | मेरा ऑर्डर रद्द करो | मेरा ऑर्डर रद्द कर दो | कैंसल | कैंसिल
        कैंसल करो | कैंसल कर दो | ऑर्डर कैंसल करो | ऑर्डर कैंसल कर दो | ऑर्डर कैंसल करना है""",
    GlobalWord.ORDERS: """
        orders | my orders | order history | history | past orders | previous orders | old orders | show orders
        show my orders | purane order | purane orders | mere order | mere orders | pichle order | pichle orders
        पुराने ऑर्डर | मेरे ऑर्डर | पिछले ऑर्डर | ऑर्डर हिस्ट्री""",
    GlobalWord.USUAL: """
        usual | my usual | same again | same as last time | same as before | as usual | repeat | repeat order
        repeat my order | repeat last order | reorder | order again | again | last order | my last order | wahi
        wahi wala | wahi order | wahi phir se | phir se wahi | hamesha wala | pichla order | pichhla order | dobara
        dobara wahi | वही | वही फिर से | फिर से वही | हमेशा वाला | पिछला ऑर्डर | दोबारा | दोबारा वही | वही ऑर्डर""",
    GlobalWord.PROFILE: """
        profile | my profile | account | my account | settings | my details | mera profile | meri profile
        mera account | प्रोफ़ाइल | प्रोफाइल | मेरी प्रोफ़ाइल | मेरा प्रोफ़ाइल | खाता | मेरा खाता | अकाउंट
        मेरा अकाउंट | सेटिंग""",
    GlobalWord.ADDRESSES: """
        addresses | address | my address | my addresses | saved addresses | change address | mera pata | pata
        mere pate | पता | मेरा पता | मेरे पते | पते | address badalna hai | पता बदलना है""",
    GlobalWord.LANGUAGE: """
        language | languages | change language | bhasha | bhasha badlo | language badlo | hindi | english
        in hindi | in english | hindi mein | hindi me | hindi please | english please | speak hindi | speak english
        hindi mein baat karo | english mein baat karo | भाषा | भाषा बदलो | भाषा बदलें | हिंदी | हिन्दी | अंग्रेज़ी
        अंग्रेजी | इंग्लिश | हिंदी में | हिन्दी में | हिंदी में बात करो""",
    GlobalWord.PRIVACY: """
        privacy | privacy policy | my data | delete my data | delete my account | export my data | forget me
        data delete karo | mera data | mera data delete karo | प्राइवेसी | गोपनीयता | निजता | मेरा डेटा
        मेरा डेटा मिटाओ | मेरा डेटा डिलीट करो""",
    GlobalWord.HELP: """
        help | help me | i need help | need help | how does this work | how do i order | how to order
        how it works | what can you do | madad | madad karo | madad chahiye | help chahiye | sahayata
        kaise order karu | kaise order karein | order kaise karu | मदद | मदद करो | मदद चाहिए | सहायता | हेल्प
        ऑर्डर कैसे करें | कैसे ऑर्डर करें""",
    GlobalWord.HUMAN: """
        human | a human | real person | person | agent | talk to human | talk to a human | talk to person
        talk to a person | talk to agent | talk to an agent | speak to human | speak to a human | speak to someone
        talk to someone | i want to talk to a human | i want to talk to someone | i want to talk to a person
        customer care | customer support | customer service | support | call me | call | contact | contact us
        manager | talk to manager | talk to the manager | operator | representative | staff | connect me to manager
        connect me to an agent | kisi se baat karni hai | kisi se baat karao | kisi se baat karwao | insaan
        insaan se baat | aadmi se baat | mujhe baat karni hai | baat karni hai | manager se baat karni hai
        manager se baat karao | इंसान | व्यक्ति | किसी से बात करनी है | किसी से बात कराओ | मुझे बात करनी है
        बात करनी है | कस्टमर केयर | मैनेजर | मैनेजर से बात करनी है | ग्राहक सेवा""",
    GlobalWord.BACK: """
        back | go back | previous | previous screen | return | wapas | vapas | waapas | wapis | peeche | piche
        peeche jao | wapas jao | वापस | वापिस | पीछे | वापस जाओ | पीछे जाओ | वापस जाएँ | वापस जाएं""",
    GlobalWord.STOP: """
        stop | stop all | stopall | unsubscribe | unsub | opt out | optout | stop messages | stop messaging me
        stop sending messages | no more messages | dont message me | do not message me | dont send messages | end
        quit | exit | band karo | message band karo | messages band karo | message mat bhejo | messages mat bhejo
        mujhe message mat karo | स्टॉप | बंद करो | बंद करें | मैसेज बंद करो | संदेश बंद करो | मैसेज मत भेजो | संदेश मत भेजो""",
}
_COMMANDS: dict[str, GlobalWord] = {word.value: word for word in GlobalWord} | {
    "start": GlobalWord.HELLO,
    "unsubscribe": GlobalWord.STOP,
}
_POLITE = frozenset(
    key_of(word)
    for word in """
        please plz pls plzz kindly kripya कृपया प्लीज़ bhai bhaiya bhaiyya भैया भाई sir madam mam maam ji जी yaar
        यार bro dear boss thanks thank thankyou धन्यवाद शुक्रिया shukriya the ok okay zara ज़रा ab now अब so and
        team""".split()
)
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0900-\u0903\u093a-\u094f\u0300-\u036f]|['’](?=[^\W\d_]))*")
_COMMAND = re.compile(r"/([a-z]{2,20})(?:@\w+)?(?:\s|$)")


def _keys(text: str) -> tuple[str, ...]:
    return tuple(key for word in _WORD.findall(text) if (key := key_of(word)))


_MEANINGS: dict[tuple[str, ...], GlobalWord] = {
    _keys(phrase): word
    for word, said in PHRASES.items()
    for phrase in said.replace("\n", "|").split("|")
    if phrase.strip()
}


def global_word(text: str) -> GlobalWord | None:
    """The global word this whole message is, ignoring case, punctuation and polite words; None when it says more.

    Commands may carry the bot's name and arguments: "/menu@tiffin_bot", "/start table-7".
    """
    cleaned = readable(text[: _LONGEST * 2]).strip()
    if command := _COMMAND.match(cleaned.lower()):
        return _COMMANDS.get(command.group(1))
    if len(text.strip()) > _LONGEST or "/" in cleaned:
        return None
    keys = _keys(cleaned)
    return _MEANINGS.get(keys) or _MEANINGS.get(tuple(key for key in keys if key not in _POLITE))
