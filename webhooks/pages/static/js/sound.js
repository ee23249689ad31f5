// A soft two-note bell for a new card, made on the spot so that there is no file to load. Off until somebody asks.

const NOTES_HZ = [784, 1046.5];
const KEY = "tiffin.bell";

export class Bell {
  constructor(button) {
    this.button = button;
    this.on = false;
    try {
      this.on = sessionStorage.getItem(KEY) === "on";
    } catch {
      // Not remembered, then.
    }
    this.show();
    button.addEventListener("click", () => {
      this.on = !this.on;
      try {
        sessionStorage.setItem(KEY, this.on ? "on" : "off");
      } catch {
        // It still holds for this page.
      }
      this.show();
      if (this.on) this.ring();
    });
  }

  show() {
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  ring() {
    if (!this.on) return;
    this.context ??= new AudioContext();
    // A browser keeps sound silent until the page has been touched; a ring before that is simply not heard.
    if (this.context.state === "suspended") this.context.resume();
    NOTES_HZ.forEach((pitch, i) => this.note(pitch, this.context.currentTime + i * 0.16));
  }

  note(pitch, start) {
    const tone = new OscillatorNode(this.context, { type: "sine", frequency: pitch });
    const volume = new GainNode(this.context, { gain: 0 });
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.7);
    tone.connect(volume).connect(this.context.destination);
    tone.start(start);
    tone.stop(start + 0.75);
  }
}
