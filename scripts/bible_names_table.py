"""What the names of the Bible name, where Strong's dictionaries don't say so or name several things.

Made by reading the names of the training and validation books, before the test verses were read. Nothing is here
because of a test verse.
"""

from __future__ import annotations

import re
from typing import NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- One word, one kind -----------------------------------------------------------------------------------------------

KIND = {
    "DEITY": """
        God Yahweh YAHWEH Lord LORD Yah Almighty Spirit Satan Baal Baals Asherah Asheroth Asherahs Ashtoreth Dagon
        Molech Milcom Malcam Chemosh Bel Nergal Ashima Nibhaz Tartak Anammelech Tammuz Nisroch Beelzebul Belial
        Gabriel Apollyon Legion Merodach Destiny Elberith""",
    "PER": """
        Jesus JESUS Christ Messiah Immanuel Emmanuel Moses Solomon Pharaoh Caesar David Esau Laban Balaam Judas Jude
        Cain Jeroboam Rehoboam Jehoshaphat Hilkiah Jephthah Jeshua Gehazi Melchizedek Bilhah Bethuel Arpachshad
        Azmaveth Terah Bela Hezron Tiberius Urbanus Alexander Jubal Ananiah Jabez Naamah Naarah Nebaioth Amminadab
        Amram Zimri Gog Japheth Shem Nicodemus Ammihud Ammishaddai Ammiel Imnah Pul Jashobeam Haggi Areli Ithream
        Eliam Jekameam Aniam Ammizabad Archelaus Lo-Ammi Lo-Ruhamah Herod Shaphan Boaz Hiram Michal Shadrach Abednego
        Rahab Jerubbaal Ornan Deborah Baanah Araunah Zibeon Agag Jabin Belshazzar Zilpah Lotan Dishon Timna Delilah
        Oholibah Oholah Cephas Talmon Bildad Zophar Husham Jaakan Merib-baal Nekoda Phicol Ziha Eshban Zaavan Matred
        Pinon Mibzar Magdiel Iram Hirah Hephzibah Hatita Hasupha Tabbaoth Keros Padon Gahar Gazzam Besai Bakbuk
        Hakupha Mehida Barkos Temah Neziah Hatipha Sotai Lemuel Thaddaeus Aristarchus Chesed Pildash Jidlaph Tahash
        Alvan Shepho Hemdan Akan Alvah Lappidoth Jerub-Baal Jedidiah Adino Homam Alian Shephi Hamran Aliah Hasrah
        Siaha Lebanah Hagabah Hagab Asnah Jaalah Sia Lebana Jaala Gabbai Hadassah Jemimah Agur Jakeh Ucal Habazziniah
        Jareb Lysanias Crispus Magdalene Iscariot Naphish Abimael Jerubbesheth Ishbosheth Arba Geber Benhadad Necoh
        Pahathmoab Ebedmelech Zurishaddai Malchishua Urijah Jozadak Hammedatha Joses Rishathaim Shetharbozenai
        Alphaeus Coniah Evilmerodach Huram-abi Colhozeh Benoni Sheth Salu Shephupham Ishbibenob Basshebeth Darda Mahol
        Jozacar Nehushta Molid Jothan Bathshua Jushab Shiphi Jahdiel Jeatherai Ahimoth Haggiah Toah Baaseiah Ethni
        Kishi Shachia Meshillemith Joezer Joelah Machbannai Happizzez Tobadonijah Jehuel Hozai Tokhath Shamlai Ami
        Athlai Harhaiah Hagaba Salmai Bilgai Azaniah Beninu Nobai Pilha Shobek Hashabnah Anan Unno Malluchi Moadiah
        Carcass Shearjashub Jucal Samgarnebo Sarsechim Nebushazban Diblaim Barachiah Heli Matthat Melchi Mattathias
        Cainan Jannai Esli Naggai Maath Semein Joanan Rhesa Neri Addi Cosam Elmodam Jose Jorim Jonan Melea Menan
        Arphaxad Mahalaleel Enos Chuzas Amplias Narcissus Nymphas Zachariah Jechoniah Zeror Aphiah Nacon Deker Jaan
        Sallai Aner Mikloth Cheran Anak Tubal-Cain Rabsaris Rabshakeh Rabmag Tartan Obed-Edom Ashkenaz Sabtah Sabta
        Sabteca Sabtecha Elishah Tiras Hadad Adrammelech Hadadezer Merari Ithran Ephod Zebul Hammolecheth Malachi Er
        Amasa Ahijah Eliashib Delaiah Hanani Iddo Palti Mijamin Jehoiarib Potiphera Lebbaeus Adnah Beno Hammuel Madai
        Zophai Raphah Eluzai Bealiah Mishmannah Magpiash Ahiah Abialbon""",
    "LOC": """
        Egypt Jerusalem Babylon BABYLON Zion Assyria Syria Persia Media Chaldea Philistia Asia India Ethiopia Galilee
        Samaria Jordan Judea Nazareth NAZARETH Chaldaea Cyrene Libya Pontus Athens Thessalonica Tekoa Ephrath
        Ephrathah Bethlehem Zarephath Babel Spain Achshaph Jokneam Ibleam Jokmeam Jokdeam Jorkeam Amad Tolad Ophni
        Jebus Aven Sheshach Gabbatha Golgotha Mamre Hinnom Millo Ophel Ararat Galeed Zalmonah Olivet Patmos Esek Acco
        Sirah Bozez Zererah Middin Harsha Lud Mizraim Magog Sheol Hades Gehenna Tartarus Paradise Arabah Nile Lod Ur
        Etham Migdol Negev Endor Argob Hiddekel Shiloah Enaim Pethor Enon Cub Seveneh Haram Arimathaea Bethsphage
        Magdala Idumaea Cenchreae Pibeseth No-Amon Maktesh Calno Merathaim Hamonah Irshemesh Timnathserah Meonenim
        Sorek Karkor Borashan Ephesdammim Berothai Achmetha Jekabzeel Zephathah Jeruel Uz Teman Dumah Greece Philippi
        Arabia Tarshish Goshen Rabbah Paran Zoan Maon Penuel Peniel Pathros Tahpanhes Antioch Philadelphia Tiberias
        Pithom Moreh Anathoth Ophrah Mareshah Gerar Hor Sinai Succoth Carmel Jezreel Suf Meroz Beon Kittim Tob Ariel
        Topheth Pekod Lassharon Shihorlibnath Lahmam Neiel Jarkon Timnath Aphekah Ramathaim Kinnereth Berothite Azzah
        Parbar Kue Chidon Achaia Kedar Nod Diblah Peor Meshech Tubal Togarmah Mizar Lebo Gath Pihahiroth
        Beracah Harmagedon Kattath Hilen Hukok Vaheb Misgab Allemeth Ammah Anem Aram-maacah Atharim Bileam Chephirah
        Eleph Engannim Gai Gibeath Hammeah Hammiphkad Hammothdor Harod Harsith Hazarshual Jaar Jutah Maareh Mashal
        Morasheth Rimmono Netaim""",
    "GROUP": """
        Pharisees Pharisee Sadducees Sadducee Gentiles Gentile Levites Levite Levitical Egyptians Egyptian Jews Jew
        Jewish Jewess JEWS Hebrew Hebrews Hebrewess Greeks Greek Romans Roman Christian Christians Herodians Zealot
        Medes Mede Syrians Syrian Assyrians Assyrian Persians Persian Chaldeans Chaldean Chaldees Babylonians
        Babylonian Cushite Cushites Samaritan Samaritans Nazarene Moabites Moabitess Midianites Edomites Arabians
        Arabian Anakim Nephilim Emim Zuzim Zamzummim Nicolaitans Scythian Latin Aramaic Amalek Amalekite Amalekites
        Sabeans Jeshurun Carites Girgashite Girgashites Pathrusim Naphtuhim Anamim Casluhim Caphtorim Ludim Lehabim
        Rodanim Dodanim Asshurim Letushim Leummim Lubim Sukkiim Meunim Mehunim Shoa Koa Gadarenes Gergesenes
        Damascenes Italians Barbarian Eznite Garmite Ashurites Palluites Laodiceans Libyans Berites Ephrathite
        Canaanitess Aramitess Gammadim""",
}
FIXED = {form: kind for kind, forms in KIND.items() for form in forms.split()}

# Capitalised, but not the name of a person, people, place or deity by the guideline.
NOT_NAMES = _words(
    """
    I O Ha Holies Repairer Selah Amen Woe Sabbath Sabbaths Passover Passovers Pentecost Purim Pur Urim Thummim
    Scripture Scriptures Rabbi Rabboni Teacher Master Sir Savior Redeemer Maker Creator Father Son Lamb Word Shepherd
    King Queen Prince Tent Meeting Testimony Kingdom Holy Armies Place Jubilee Nazirite Hosanna Hallelujah
    Abba Abib Adar Nisan Sivan Tebeth Chislev Elul Ziv Bul Ethanim Shebat Orion Pleiades Leviathan Nehushtan Alamoth
    Sibboleth Baptizer Praetorium Preparation Antichrist Alpha Omega Corban Mammon Dispersion MENE TEKEL UPHARSIN
    Talitha Ephphatha Eloi Folly Pavement Destruction Death Tabernacle Mountain Sanctuary Unleavened Bread Feast
    Booths Weeping Beloved Blessed Anointed Branch Counselor Deity Ancient Days Beulah Wicked Righteous Truth
    Dedication God-breathed Way Law Favor Union Jashar Muth Aha Ah Alas Hey Lo Gittith Sheminith Shiggaion Higgaion
    Mikhtam
    """
)

# Also ordinary words: a name only where Strong's number says so.
HOMOGRAPHS = {
    "Lot": ("PER", {"H3876", "G3091"}),
    "On": ("PER LOC", {"H203", "H204"}),
    "Put": ("LOC", {"H6316"}),
    "Ram": ("PER", {"H7410"}),
    "Mark": ("PER", {"G3138"}),
    "Ephah": ("PER", {"H5891"}),
    "Ephod": ("PER", {"H641"}),
    "Beer": ("LOC", {"H876"}),
    "Hen": ("PER", {"H2581"}),
    "Cherub": ("LOC", {"H3743"}),
    "Sin": ("LOC", {"H5512"}),
    "So": ("PER", {"H5471"}),
    "Madmen": ("LOC", {"H4086"}),
    "No": ("LOC", {"H4996"}),
    "Ed": ("LOC", {"H5713"}),
}

# --- Names of more than one word --------------------------------------------------------------------------------------

PHRASES = {
    "DEITY": """
        Most High|Holy Spirit|Baal Berith|Baal Zebub|Baal Peor|Succoth Benoth|Hadad Rimmon""",
    "LOC": """
        Sea of Galilee|Sea of Tiberias|Red Sea|Salt Sea|Sea of Suf|Western Sea|Eastern Sea|Great Sea|
        Sea of Chinnereth|Sea of Chinneroth|Mount of Olives|Field of Blood|King’s Valley|Sea of the Arabah|
        Valley of Salt|The Skull|Place of a Skull|Place of the Skull|Baal Perazim|Baal Zephon|Baal Hazor|Baal Gad|
        Salt City|Baal Meon|Baal Tamar|Baal Hermon|Baal Shalishah|Bamoth Baal|Baale Judah|Bethlehem Judah|
        Jegar Sahadutha|Perez Uzzah|Perez Uzza|Lo Debar|Lahai Roi|Beer Lahai Roi|Almon Diblathaim|Solomon’s Porch|
        Aram Maacah|Aram Naharaim|Aram Zobah|City of Salt|Misrephoth Maim|Ramoth Gilead|Jabesh Gilead|
        Ramoth in Gilead|Havvoth Jair|Hazar Enan|Paddan Aram|Allon Bacuth|Abel Maim|Baalath Beer|Mount Baal Hermon|
        Bethlehem Ephrathah""",
    "PER": """
        Baal Hanan|Tiglath Pileser|Tilgath Pilneser|Esar Haddon|Merodach Baladan|Berodach Baladan|
        Maher Shalal Hash Baz|Nergal Sharezer|Regem Melech|Cushan Rishathaim|Pharaoh Necoh|Keren Happuch|Ben Hadad|
        Pochereth Hazzebaim|Ben Hur|Ben Deker|Ben Hesed|Ben Abinadab|Ben Geber|Tubal Cain|Simon Peter|
        Judas Iscariot|Mary Magdalene|Ben Ammi|Josheb Basshebeth|Pharaoh Hophra|Nathan Melech|Zereth Shahar|
        Jushab Hesed|Ben Hanan|Ben Zoheth|Beth Rapha|Simon Bar Jonah""",
}
FIXED_PHRASES = {
    tuple(re.findall(r"’s|[\w-]+", phrase.strip())): kind
    for kind, phrases in PHRASES.items()
    for phrase in phrases.split("|")
    if " " in phrase.strip()
}

# A capitalised word after one of these is the rest of the same place's name.
PLACE_HEADS = _words(
    """
    Beth Kiriath En Ramoth Ramath Hazar Gath Kir Kibroth Tel Havvoth Hor Allon Mount Migdol Migdal Geliloth Perez Ain
    Harosheth Helkath Misrephoth Abel Shihor Atroth Ataroth Bamoth Almon Sela Jabesh Kadesh Paddan Aram Chephar
    Chisloth Taanath Lo Bene Ezion Iye Kedesh Aroth Eben Ir Gibeath Mahaneh Aznoth Hazor Hazazon Beeroth Timnath
    Rabbah Eglath Nahal Lahai Meriboth Meribath Shaveh Ashteroth Dibon Caesarea Tahtim Berothah Giah Neve Bithron Ge
    Emek Me Hamath Hamon Be Gur Hazer Even Netaim Uzzen Abel-Beth Mizpeh Sibmah
    """
)

# --- One word, several kinds ------------------------------------------------------------------------------------------

PROPHETS = (
    "Isaiah; Jeremiah; Ezekiel; Hosea; Joel; Amos; Obadiah; Micah; Nahum; Habakkuk; Zephaniah; Zechariah; Malachi"
)
Where = dict[str, frozenset[int]]  # book -> chapters (empty: all)


def _where(text: str) -> Where:
    """`Genesis 10 25; 1 Chronicles 1; Titus` -> books with their chapters; no chapter: the whole book."""
    places: Where = {}
    for part in filter(None, (part.strip() for part in text.replace("Prophets", PROPHETS).split(";"))):
        book, chapters = re.fullmatch(r"((?:\d )?[A-Z][A-Za-z ]*?)((?: \d+)*)", part).groups()  # type: ignore[union-attr]
        places[book] = frozenset(map(int, chapters.split()))
    return places


GENEALOGIES = _where("Genesis 5 10 11 25 36 46; Numbers 26; 1 Chronicles 1 2 3 4 5 6 7 8 9")

# form, the kind elsewhere, then kind and chapters
_BY_CHAPTER = """
    Moab LOC | PER Genesis 19
    Edom LOC | PER Genesis 25 36
    Midian LOC | PER Genesis 25; 1 Chronicles 1
    Canaan LOC | PER Genesis 9 10; 1 Chronicles 1
    Aram LOC | PER Genesis 10 22; 1 Chronicles 1 2 7
    Cush LOC | PER Genesis 10; 1 Chronicles 1
    Ebal LOC | PER Genesis 36; 1 Chronicles 1
    Elam LOC | PER Genesis 10; 1 Chronicles 1 8 26; Ezra; Nehemiah
    Seir LOC | PER 1 Chronicles 1
    Sidon LOC | PER 1 Chronicles 1
    Asshur LOC | PER Genesis 10; 1 Chronicles 1
    Javan LOC | PER Genesis 10; 1 Chronicles 1
    Meshech LOC | PER Genesis 10; 1 Chronicles 1
    Tubal LOC | PER Genesis 10; 1 Chronicles 1
    Magog LOC | PER Genesis 10; 1 Chronicles 1
    Togarmah LOC | PER Genesis 10; 1 Chronicles 1
    Put LOC | PER Genesis 10; 1 Chronicles 1
    Lud LOC | PER Genesis 10; 1 Chronicles 1
    Mizraim LOC | PER Genesis 10; 1 Chronicles 1
    Gomer PER | LOC Ezekiel 38
    Sheba LOC | PER Genesis 10 25; 1 Chronicles 1 5; 2 Samuel
    Dedan LOC | PER Genesis 10 25; 1 Chronicles 1
    Seba LOC | PER Genesis 10; 1 Chronicles 1
    Havilah LOC | PER Genesis 10; 1 Chronicles 1
    Ophir LOC | PER Genesis 10; 1 Chronicles 1
    Raamah LOC | PER Genesis 10; 1 Chronicles 1
    Tarshish LOC | PER Genesis 10; 1 Chronicles 1 7; Esther
    Uz LOC | PER Genesis 10 22 36; 1 Chronicles 1
    Teman LOC | PER Genesis 36; 1 Chronicles 1
    Tema LOC | PER Genesis 25; 1 Chronicles 1
    Dumah LOC | PER Genesis 25; 1 Chronicles 1
    Kedar GROUP | PER Genesis 25; 1 Chronicles 1
    Massa PER |
    Ham PER | LOC Psalms 78 105 106
    Tamar PER | LOC Ezekiel
    Jezreel LOC | PER 1 Chronicles 4
    Jabesh LOC | PER 2 Kings
    Abel PER | LOC 2 Samuel 20; 1 Samuel
    Adam PER | LOC Joshua
    Tirzah LOC | PER Numbers; Joshua 17
    Anathoth LOC | PER 1 Chronicles 7; Nehemiah 10
    Ephron PER | LOC Joshua; 2 Chronicles
    Debir LOC | PER Joshua 10
    Eglon LOC | PER Judges
    Hepher PER | LOC Joshua 12; 1 Kings
    Hamath LOC | PER 1 Chronicles 2
    Ziph LOC | PER 1 Chronicles 2 4
    Ophrah LOC | PER 1 Chronicles 4
    Mareshah LOC | PER 1 Chronicles 2 4
    Maacah PER | LOC 2 Samuel 10; 1 Chronicles 19
    Hadad PER |
    Nebo LOC | DEITY Isaiah 46
    Rimmon LOC | PER 2 Samuel; DEITY 2 Kings
    Hermes PER |
    Michael PER | DEITY Daniel; Jude; Revelation
    Adrammelech PER |
    Abaddon LOC | DEITY Revelation
    Ashtaroth LOC | DEITY Judges; 1 Samuel
    Ariel LOC | PER 2 Samuel; Ezra; 1 Chronicles
    Rahab PER | LOC Psalms 87
    Dan GROUP | PER Genesis 30 35 46 49; Exodus 1; 1 Chronicles 2; LOC Genesis 14; 1 Kings; 2 Kings; Jeremiah
    Haran LOC | PER 1 Chronicles 2 23
    Nahor PER | LOC Genesis 24
    Lebanon LOC |
    Lachish LOC |
    Elah PER | LOC 1 Samuel
    Machir PER |
    Rephaim GROUP | LOC Joshua 15 18; 2 Samuel; 1 Chronicles; Isaiah 17
    Kittim LOC | GROUP Genesis 10; 1 Chronicles 1
    Goiim LOC |
    Gilgal LOC |
    Ephraim GROUP | PER Genesis; 1 Chronicles 7; LOC 2 Samuel 13 18
    Reuben GROUP | PER Genesis; Exodus 1 6; 1 Chronicles 2
    Simeon GROUP | PER Genesis; Exodus 1 6; 1 Chronicles 2; Luke; Ezra
    Levi GROUP | PER Genesis; Exodus 1; 1 Chronicles 2; Luke; Mark; Matthew; Hebrews
    Gad GROUP | PER Genesis; Exodus 1; 1 Chronicles 21 29; 1 Samuel 22; 2 Samuel; 2 Chronicles
    Asher GROUP | PER Genesis; Exodus 1
    Naphtali GROUP | PER Genesis; Exodus 1; 1 Chronicles 2
    Issachar GROUP | PER Genesis; Exodus 1; 1 Chronicles 2 26
    Zebulun GROUP | PER Genesis; Exodus 1; 1 Chronicles 2; LOC Matthew
    Benjamin GROUP | PER Genesis; Exodus 1; Ezra 10
    Manasseh GROUP | PER Genesis; 2 Kings; 2 Chronicles 32 33; Jeremiah; Ezra; Matthew; 1 Chronicles 3
    Judah GROUP | PER Genesis; Exodus 1; 1 Chronicles 2; Matthew 1; Luke; Ruth
    Joseph PER | GROUP Psalms 77 78 80 81; Prophets
    Israel GROUP | PER Genesis
    Jacob PER | GROUP Numbers; Psalms; Lamentations; Deuteronomy 32 33; Prophets
    Isaac PER |
    Ammon LOC |
    Shechem LOC | PER Genesis 34; Numbers; 1 Chronicles 7
    Gilead LOC | PER Numbers 26 27 36; Judges 11; 1 Chronicles 2 7
    Hebron LOC | PER Exodus 6; Numbers 3; 1 Chronicles 2 15 23 24
    Bethlehem LOC | PER 1 Chronicles 2 4
    Penuel LOC | PER 1 Chronicles
    Sodom LOC |
    Caleb PER |
    Jerusalem LOC |
"""


class Several(NamedTuple):
    elsewhere: str
    chapters: tuple[tuple[str, Where], ...]

    def default(self, book: str, chapter: int) -> str:
        for kind, where in self.chapters:
            if book in where and (not where[book] or chapter in where[book]):
                return kind
        return self.elsewhere


def _several() -> dict[str, Several]:
    found = {}
    for line in _BY_CHAPTER.strip().split("\n"):
        head, _, rest = line.strip().partition(" |")
        form, elsewhere = head.split()
        parts = re.split(r"(?:^|; ?)\s*(PER|LOC|GROUP|DEITY) ", rest.strip())[1:]
        chapters = tuple((kind, _where(where)) for kind, where in zip(parts[::2], parts[1::2], strict=True))
        found[form] = Several(elsewhere, chapters)
    return found


SEVERAL = _several()
TRIBES = _words(
    """
    Reuben Simeon Levi Gad Asher Naphtali Issachar Zebulun Benjamin Manasseh Ephraim Dan Judah Joseph Israel Jacob
    Isaac
    """
)
NATIONS = _words(
    """
    Ammon Moab Edom Midian Amalek Canaan Aram Cush Elam Syria Assyria Egypt
    """
)
PEOPLE_WORDS = _words(
    """
    tribe tribes children house men man camp standard people peoples families family thousands army prince princes
    remnant elders elder virgin congregation assembly nation rulers ruler chiefs heads captains seed offspring
    household division leaders warriors outcasts survivors shepherd hosts host priests judge judges maidens sheep horn
    pride glory hope iniquity sins sin transgression armies
    """
)
LAND_WORDS = _words(
    """
    land lands king kings kingdom kingdoms cities city towns town villages border borders mountains mountain hills
    hill country wilderness places boundary territory inhabitants inhabitant queen gates strongholds fields field
    plain lot throne coast region rivers waters way midst forest valley south soil ground fortress north lowland
    desert regions parts palaces portion capital district brook brooks ford fords river island islands top wealth
    treasures gods idols side road gate pool watchtower governor governors
    """
)
INTO = _words(
    """
    in into throughout through toward beyond near around inside outside within
    """
)
NEW_TESTAMENT = frozenset(
    _where(
        """Matthew; Mark; Luke; John; Acts; Romans; 1 Corinthians; 2 Corinthians; Galatians; Ephesians;
        Philippians; Colossians; 1 Thessalonians; 2 Thessalonians; 1 Timothy; 2 Timothy; Titus; Philemon; Hebrews;
        James; 1 Peter; 2 Peter; 1 John; 2 John; 3 John; Jude; Revelation"""
    )
)
