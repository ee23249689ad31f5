// The few words the chat itself says; all else comes from the restaurant. Both languages hold the same keys.

const EN = {
  message: "Your message",
  placeholder: "Type a message",
  send: "Send",
  location: "Share my location",
  myLocation: "My location",
  locating: "Finding where you are…",
  locationRefused: "Your location was not shared. You can type your address or PIN code instead.",
  typing: "Writing…",
  sending: "Sending…",
  notSent: "Not sent.",
  retry: "Try again",
  slowDown: (seconds) => `A little too fast. Sending again in ${seconds} s.`,
  reconnecting: "Reconnecting…",
  ended: "This chat has ended.",
  startAgain: "Start a new chat",
  cannotStart: "The restaurant cannot be reached just now.",
  newMessages: "New messages",
  conversation: "Conversation",
  opensInNewTab: "opens in a new tab",
  yourOrder: "Your order",
  live: "Live",
  items: "What you ordered",
  total: "Total",
  steps: "How far it is",
  done: "done",
  now: "now",
  still: "to come",
  linkOver: "This order link is no longer valid.",
  linkOverHelp: "Ask for “track” in the chat to get a fresh one.",
};

const HI = {
  message: "आपका संदेश",
  placeholder: "संदेश लिखें",
  send: "भेजें",
  location: "मेरी लोकेशन भेजें",
  myLocation: "मेरी लोकेशन",
  locating: "आपकी जगह ढूँढी जा रही है…",
  locationRefused: "लोकेशन नहीं मिली। आप अपना पता या पिन कोड लिखकर भेज सकते हैं।",
  typing: "लिख रहे हैं…",
  sending: "भेजा जा रहा है…",
  notSent: "संदेश नहीं गया।",
  retry: "फिर भेजें",
  slowDown: (seconds) => `थोड़ा रुकिए। ${seconds} सेकंड में फिर भेजेंगे।`,
  reconnecting: "दोबारा जुड़ रहे हैं…",
  ended: "यह चैट समाप्त हो गई है।",
  startAgain: "नई चैट शुरू करें",
  cannotStart: "रेस्टोरेंट से अभी संपर्क नहीं हो पा रहा है।",
  newMessages: "नए संदेश",
  conversation: "बातचीत",
  opensInNewTab: "नए टैब में खुलेगा",
  yourOrder: "आपका ऑर्डर",
  live: "लाइव",
  items: "आपने क्या मँगाया",
  total: "कुल",
  steps: "ऑर्डर कहाँ तक पहुँचा",
  done: "हो गया",
  now: "अभी",
  still: "बाकी",
  linkOver: "यह ऑर्डर लिंक अब मान्य नहीं है।",
  linkOverHelp: "नया लिंक पाने के लिए चैट में “track” लिखें।",
};

const ALL = { en: EN, hi: HI };

export const wordsIn = (language) => ALL[language] ?? EN;

/** The browser's own language, as far as the restaurant speaks it. */
export const browserLanguage = () =>
  (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => tag in ALL) ?? "en";
