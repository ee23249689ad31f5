// The demo page: a guest, a kitchen and what would be in the guest's pocket, side by side.

import { DemoStreams } from "./demo_streams.js";
import { Guests } from "./guests.js";
import { Kitchen } from "./kitchen.js";
import { Panes } from "./panes.js";
import { Phone } from "./phone.js";
import { Bell } from "./sound.js";
import { bindThemeToggle } from "./theme.js";
import { Till, linkIdOf } from "./till.js";
import { get } from "./transport.js";

const RETRY_MS = 3_000;
const HINT_KEY = "tiffin.demo.hint";

const byId = (id) => document.getElementById(id);

async function config() {
  const notice = byId("page-notice");
  for (;;) {
    try {
      const answer = await get("/demo/config");
      notice.hidden = true;
      return answer;
    } catch (failure) {
      notice.replaceChildren(`The demo's server does not answer (${failure.message}). Trying again…`);
      notice.hidden = false;
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }
}

function begin({ outlets, kitchens, stream = null }) {
  const streams = new DemoStreams(stream);
  const bell = new Bell(byId("bell"));
  let guests = null;
  let kitchen = null;
  let pocketNews = 0;

  const panes = new Panes(byId("pane-nav"), () => {
    guests?.refresh();
    kitchen?.refresh();
    if (panes.isShown("pocket")) countPocket(0);
  });
  function countPocket(count) {
    pocketNews = count;
    panes.badge("pocket", count);
  }
  const pocketArrival = () => {
    if (!panes.isShown("pocket")) countPocket(pocketNews + 1);
  };

  const till = new Till(byId("till"), streams, { arrived: pocketArrival });
  new Phone(byId("phone"), streams, {
    arrived: pocketArrival,
    use: (code) => {
      panes.show("guest");
      guests.active.composer.prefill(code);
    },
  });

  guests = new Guests(
    byId("guest"),
    streams,
    {
      unread: (count) => panes.badge("guest", count),
      open: (event, address) => openInTill(event, address),
    },
    () => panes.isShown("guest"),
  );

  /** A payment link opens in the till beside the chat; a press that asks for a tab or window of its own still gets it. */
  function openInTill(event, address) {
    const id = linkIdOf(address);
    if (id === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    panes.show("pocket");
    till.focus(id).then((known) => {
      if (!known) window.open(address, "_blank", "noopener");
    });
  }

  kitchen = new Kitchen(
    byId("kitchen"),
    streams,
    {
      incoming: () => bell.ring(),
      unread: (count) => panes.badge("kitchen", count),
      renew: () => location.reload(), // the groups' sessions come with the page's configuration
    },
    () => panes.isShown("kitchen"),
  );
  kitchen.open(outlets, kitchens);

  for (const chip of document.querySelectorAll("[data-try]")) {
    chip.addEventListener("click", () => {
      panes.show("guest");
      guests.active.composer.prefill(chip.dataset.try);
    });
  }
}

function bindHint() {
  const hint = byId("hint");
  const remember = (value) => {
    try {
      sessionStorage.setItem(HINT_KEY, value);
    } catch {
      // It is shown again after a reload, no harm done.
    }
  };
  try {
    hint.hidden = sessionStorage.getItem(HINT_KEY) === "seen";
  } catch {
    hint.hidden = false;
  }
  byId("hint-close").addEventListener("click", () => {
    hint.hidden = true;
    remember("seen");
  });
  byId("hint-open").addEventListener("click", () => {
    hint.hidden = !hint.hidden;
    remember(hint.hidden ? "seen" : "shown");
  });
}

bindThemeToggle(byId("theme"));
bindHint();
begin(await config());
