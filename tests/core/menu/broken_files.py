"""Files an owner got wrong: `# !` marks each line that is, and beside it stands a piece of the advice expected."""

from tests.core.menu.builders import A_FILE, with_line

MARK = "# !"

BROKEN: dict[str, tuple[str, str]] = {
    "a price in words": (with_line("price: 110", "price: cheap # !"), "`240` or `240.50`"),
    "a price with three decimals": (with_line("price: 110", "price: 110.505 # !"), "`240.50`"),
    "a price in exponents": (with_line("price: 110", "price: 1e3 # !"), "`240`"),
    "a negative price": (with_line("price: 110", "price: -5 # !"), "`240`"),
    "a price of nothing": (with_line("price: 110", "price: 0 # !"), "above 0"),
    "a price that was forgotten": (with_line("price: 110", "price: # !"), "nothing is written"),
    "a list for a price": (with_line("price: 110", "price: [110] # !"), "one value"),
    "no price at all": (with_line("price: 240", "spice: 1").replace("Chicken 65", "Chicken 65 # !"), "`price: 240`"),
    "price and sizes": (
        with_line("sizes: {half: 180, full: 320.50}", "price: 1", "sizes: {half: 1} # !"),
        "keep the one",
    ),
    "an empty list of sizes": (with_line("sizes: {half: 180, full: 320.50}", "sizes: {} # !"), "sizes: {half: 180"),
    "a size in Kannada": (with_line("sizes: {half: 180, full: 320.50}", "sizes: {ಅರ್ಧ: 180} # !"), "code: half"),
    "two sizes too alike": (
        with_line("sizes: {half: 180, full: 320.50}", "sizes: {Half: 1, half: 2} # !"),
        "too alike",
    ),
    "no name": (with_line("- name: Chicken 65", "- spice: 2 # !"), "`name: Paneer Tikka`"),
    "a dish that is a word": (with_line("- name: Chicken 65", "- Chicken 65 # !", "- name: Chicken 66"), "- name: …"),
    "a name in Hindi without a code": (with_line("- name: Chicken 65", "- name: मुर्ग़ ६५ # !"), "add `code: …`"),
    "a name too long for a code": (
        with_line("- name: Chicken 65", "- name: Chicken Sixty Five Of The Grand Old Hotel # !"),
        "add `code: …`",
    ),
    "a code with a capital": (
        with_line("- name: Chicken 65", "- name: Chicken 65", "  code: C65 # !"),
        "small letters",
    ),
    "a code too long for a button": (
        with_line("- name: Chicken 65", "- name: Chicken 65", f"  code: {'c' * 33} # !"),
        "at most 32",
    ),
    "two dishes of one code": (
        with_line("- name: Chicken 65", "- name: Masala  dosa! # !"),
        "on line 41 share the code `masala-dosa`",
    ),
    "a diet nobody knows": (with_line("diet: N", "diet: vegan # !"), "v, e, n"),
    "no diet": (with_line("diet: N", "spice: 1").replace("Chicken 65", "Chicken 65 # !"), "`diet: V`"),
    "Jain chicken": (with_line("diet: N", "diet: N", "jain: yes # !"), "only veg"),
    "an allergen by another word": (with_line("diet: N", "diet: N", "allergens: dairy # !"), "milk"),
    "options that are not there": (with_line("options: spice", "options: spicy # !"), "one of: spice"),
    "options asked twice": (with_line("options: spice", "options: spice, spice # !"), "asked twice"),
    "a meal that is not there": (with_line("meals: breakfast", "meals: brunch # !"), "breakfast"),
    "a tax that is not there": (with_line("diet: N", "diet: N", "tax: luxury # !"), "food"),
    "an outlet that is not there": (with_line("only: mgroad", "only: mg-road # !"), "mgroad, indira"),
    "another name at another outlet": (
        with_line("at: {indira: {price: 120}}", "at: {indira: {name: Dose}} # !"),
        "a dish of its own",
    ),
    "a picture outside": (with_line("diet: N", "diet: N", "image: ../../etc/passwd # !"), "a drawing's name"),
    "a key misspelled": (with_line("diet: N", "diet: N", "pirce: 5 # !"), "did you mean `price`?"),
    "a key that says nothing": (with_line("diet: N", "diet: N", "zzz: 5 # !"), "use one of"),
    "a key twice": (with_line("diet: N", "diet: N", "price: 250 # !"), "first on line 53"),
    "too many calories": (with_line("diet: N", "diet: N", "calories: 1e9 # !"), "from 0 to 9999"),
    "maybe popular": (with_line("diet: N", "diet: N", "popular: maybe # !"), "`yes` or `no`"),
    "sold out till whenever": (with_line("diet: N", "diet: N", "sold out: 2026-13-45 # !"), "2026-11-08"),
    "an invisible character": (
        with_line("- name: Chicken 65", '- name: "Chicken \\u202e65" # !', "  code: c"),
        "invisible",
    ),
    "hours in one number": (with_line("mon-fri: 11:00-15:00, 18:30-23:00", "mon-fri: 11-15 # !"), "`11:00-15:00`"),
    "hours no clock shows": (with_line("mon-fri: 11:00-15:00, 18:30-23:00", "mon-fri: 11:00-25:00 # !"), "no clock"),
    "hours that overlap": (
        with_line("mon-fri: 11:00-15:00, 18:30-23:00", "mon-fri: 11:00-15:00, 14:00-16:00 # !"),
        "overlap",
    ),
    "hours that end at once": (
        with_line("mon-fri: 11:00-15:00, 18:30-23:00", "mon-fri: 11:00-11:00 # !"),
        "00:00-24:00",
    ),
    "a day told twice": (with_line("sat, sun: 11:00-01:00", "fri-sun: 11:00-01:00 # !"), "fri has its hours on line 9"),
    "a day nobody knows": (with_line("sat, sun: 11:00-01:00", "caturday: 11:00-01:00 # !"), "sat, sun"),
    "a holiday in words": (with_line("holidays: 2026-10-02", "holidays: Diwali # !"), "2026-11-08"),
    "a holiday that does not exist": (with_line("holidays: 2026-10-02", "holidays: 2026-02-30 # !"), "no date"),
    "half a PIN code": (with_line("pins: 560001, 560 025", "pins: 560001, 5600 # !"), "six digits"),
    "a PIN code in two zones": (
        with_line("minimum: 149", "minimum: 149", "minutes: 5").replace(
            "    pay: upi, cash", "      Far: {pins: 560001, fee: 60} # !\n    pay: upi, cash"
        ),
        "two zones, Near and Far",
    ),
    "a zone that is nowhere": (
        with_line("pins: 560001, 560 025", "minutes: 20").replace("      Near:", "      Near: # !"),
        "radius: 3 km",
    ),
    "a zone without a fee": (
        with_line("fee: 40.50", "minutes: 20").replace("      Near:", "      Near: # !"),
        "`fee: 40`",
    ),
    "a fee in words": (with_line("fee: 40.50", "fee: free # !"), "`240`"),
    "tables that count nowhere": (with_line("tables: T1-T12, Patio 1", "tables: T12-T1 # !"), "T1-T12"),
    "a table twice": (with_line("tables: T1-T12, Patio 1", "tables: T1-T12, T5 # !"), "table T5"),
    "dine-in without tables": (
        with_line("tables: T1-T12, Patio 1", "slots: 30").replace("dine-in, takeaway, delivery", "dine-in # !"),
        "`tables: T1-T12`",
    ),
    "delivery without zones": (with_line("orders: takeaway", "orders: takeaway, delivery # !"), "`zones`"),
    "slots that do not fit a day": (with_line("pay: upi", "pay: upi", "slots: 37 # !"), "15, 20, 30"),
    "a way to pay nobody offers": (with_line("pay: upi", "pay: bitcoin # !"), "upi, card"),
    "a phone without a country": (with_line("phone: +91 80 4123 4577", "phone: 080 4123 4577 # !"), "+91 80"),
    "a GSTIN with a slip": (with_line("pay: upi", "pay: upi", "gstin: 29AAKCT4821M1ZX # !"), "15 characters"),
    "a short FSSAI number": (with_line("pay: upi", "pay: upi", "fssai: 1234 # !"), "14 digits"),
    "a time zone nobody keeps": (with_line("pay: upi", "pay: upi", "timezone: Mars/Base # !"), "Asia/Kolkata"),
    "a place not on Earth": (with_line("map: 12.9750, 77.6050", "map: 91.0, 77.6 # !"), "latitude"),
    "an outlet code too long for a button": (
        A_FILE.replace("mgroad:", "mahatmagandhi: # !").replace("only: mgroad", "stock: 1"),
        "`mgroad`",
    ),
    "an outlet that says nothing": (A_FILE.replace("taxes:", "  empty: # !\ntaxes:", 1), "indented under it"),
    "a rate over a hundred": (with_line("taxes: {food: 5 %}", "taxes: {food: 500 %} # !"), "`5 %`"),
    "a rate that cannot be halved": (with_line("taxes: {food: 5 %}", "taxes: {food: 5.01 %} # !"), "CGST and SGST"),
    "a meal all over the day": (
        with_line("meals: {Breakfast: 07:00-11:30}", "meals: {Breakfast: '07:00-09:00, 10:00-11:00'} # !"),
        "one stretch",
    ),
    "a coupon for too much": (
        with_line("WELCOME50: {off: 50, over: 300, first order: yes}", "WELCOME50: {off: 150 %} # !"),
        "from 1 to 100",
    ),
    "a coupon that ends before it begins": (
        with_line(
            "WELCOME50: {off: 50, over: 300, first order: yes}",
            "WELCOME50: {off: 50, from: 2026-12-01, until: 2026-11-01} # !",
        ),
        "ends before it begins",
    ),
    "a choice of more than there are": (with_line("choose: 1", "choose: 1-3 # !"), "only 2 choices"),
    "a choice of nothing": (with_line("choose: 1", "choose: 0 # !"), "up to 2"),
    "a default that is no choice": (with_line("default: Mild", "default: Lava # !"), "none of the choices"),
    "two choices too alike": (
        with_line("choices: [Mild, {Hot: 5}]", "choices: [Mild, mild, {Hot: 5}] # !"),
        "too alike",
    ),
    "a category that is a word": (A_FILE.replace("  Mains:\n", "  Drinks: none # !\n  Mains:\n"), "- name: …"),
    "two categories too alike": (
        A_FILE.replace("  Mains:\n", "  breakfast: # !\n"),
        "on line 40 are too alike",
    ),
    "a tab": (with_line("price: 110", "price: 110", "\tdiet: V # !").replace("      \t", "\t"), "indent with spaces"),
    "a colon inside a text": (with_line("name: Tiffin, MG Road", "name: Tiffin: MG Road # !"), "in quotes"),
    "a bracket left open": (
        with_line("taxes: {food: 5 %}", "taxes: {food: 5 %", "meals: # !").replace(
            "meals: {Breakfast: 07:00-11:30}\n", ""
        ),
        "closed",
    ),
    "an anchor": (with_line("diet: N", "diet: &n N", "spice: *n # !"), "write it out here"),
    "a second document": (A_FILE + "--- # !\nmenu: {}\n", "delete the line"),
    "something too deep": (with_line("diet: N", f"diet: {'[' * 12}N{']' * 12} # !"), "too deep"),
    "an outlet without a dish": (
        A_FILE.replace("menu:\n", "menu: # !\n")
        .replace("at: {indira: {price: 120}}", "only: mgroad")
        .replace("options: spice", "only: mgroad"),
        "outlet `indira` has no dish",
    ),
    "several at once": (
        with_line("price: 110", "price: x # !")
        .replace("fee: 40.50", "fee: y # !")
        .replace("off: 50", "off: z")
        .replace("first order: yes}", "first order: yes} # !"),
        "write rupees",
    ),
    "a category in Hindi without a code": (A_FILE.replace("  Mains:\n", "  मुख्य: # !\n"), "then `dishes:`"),
    "a difference that is no difference": (
        with_line("at: {indira: {price: 120}}", "at: {indira: 120} # !"),
        "{price: 260}",
    ),
    "a dish untaxed where there is no food tax": (
        with_line("taxes: {food: 5 %}", "taxes: {goods: 5 %}")
        .replace("Masala Dosa", "Masala Dosa # !")
        .replace("Paneer Tikka", "Paneer Tikka # !")
        .replace("Chicken 65", "Chicken 65 # !"),
        "`tax: goods`",
    ),
    "more aliases than anybody says": (
        with_line("diet: N", "diet: N", f"aliases: {', '.join(f'a{n}' for n in range(21))} # !"),
        "20 are the most",
    ),
    "an outlet twice": (
        A_FILE.replace("  indira:\n", "  mgroad: # !\n")
        .replace("  mgroad:\n", "  mgroad: # !\n", 1)
        .replace("at: {indira: {price: 120}}", "popular: yes"),
        "a code of its own",
    ),
    "an order of categories that leaves one out": (
        with_line("orders: takeaway", "orders: takeaway", "categories: Breakfast # !"),
        "leaves out Mains",
    ),
    "zones as a list": (
        with_line("orders: takeaway", "orders: takeaway", "zones: [560001] # !"),
        "one a line",
    ),
    "a key that is a list": (with_line("diet: N", "diet: N", "[a, b]: c # !"), "a name is missing"),
    "a sign YAML keeps for itself": (with_line("diet: N", "diet: @N # !"), "cannot be read"),
    "options twice": (
        with_line("default: Mild", "default: Mild").replace(
            "menu:\n", "  spice: {choose: 1, choices: [a]} # !\nmenu:\n"
        ),
        "stand here twice",
    ),
    "a choice in words": (with_line("choose: 1", "choose: one or two # !"), "`up to 2`"),
    "more defaults than may be chosen": (with_line("default: Mild", "default: Mild, Hot # !"), "1 is the most"),
    "no choices": (
        with_line("choices: [Mild, {Hot: 5}]", "choices: [] # !").replace("    default: Mild\n", ""),
        "0 choices",
    ),
    "a choice in Hindi without a code": (
        with_line("choices: [Mild, {Hot: 5}]", "choices: [Mild, तीखा] # !"),
        "{name: तीखा, code: …}",
    ),
    "a coupon of two letters": (
        with_line("WELCOME50: {off: 50, over: 300, first order: yes}", "W5: {off: 50} # !"),
        "3 to 16 letters",
    ),
    "a coupon twice": (
        with_line(
            "WELCOME50: {off: 50, over: 300, first order: yes}", "WELCOME50: {off: 50}", "welcome50: {off: 60} # !"
        ),
        "keep one",
    ),
    "a zone named in Tamil": (with_line("Near:", "அருகில்: # !"), "Latin letters"),
    "two zones too alike": (
        with_line("pay: upi, cash", "pay: upi, cash").replace(
            "      Near:", "      near!: {radius: 1 km, fee: 1}\n      Near: # !"
        ),
        "too alike",
    ),
    "a tax on charges that is not there": (with_line("pay: upi", "pay: upi", "charges tax: goods # !"), "food"),
    "a currency in words": (with_line("pay: upi", "pay: upi", "currency: rupees # !"), "INR"),
    "pins that are a block": (with_line("pins: 560001, 560 025", "pins: {a: 560001} # !"), "a list is expected"),
    "half the street as tables": (
        with_line("tables: T1-T12, Patio 1", "tables: A1-A150, B1-B150 # !"),
        "200 are the most",
    ),
    "a table with a name too long": (
        with_line("tables: T1-T12, Patio 1", "tables: The table by the window # !"),
        "12 characters",
    ),
    "a name that goes on and on": (
        with_line("- name: Chicken 65", f"- name: {'chicken ' * 9} # !", "  code: chicken"),
        "60 are the most",
    ),
    "hours in words": (with_line("hours: {daily: 07:00-23:30}", "hours: {daily: always} # !"), "`11:00-15:00`"),
    "hours after noon that no clock shows": (
        with_line("hours: {daily: 07:00-23:30}", "hours: {daily: 13pm-14pm} # !"),
        "no clock shows",
    ),
    "a coupon until some day": (
        with_line("WELCOME50: {off: 50, over: 300, first order: yes}", "WELCOME50: {off: 50, until: soon} # !"),
        "no moment",
    ),
    "a distance without its unit": (with_line("pins: 560001, 560 025", "radius: 3 # !"), "3 km"),
    "patience without end": (with_line("pay: upi", "pay: upi", "patience: {owner: 999} # !"), "from 1 to 240"),
}
