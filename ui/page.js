// Brings the newest question and the marked sentence into view, and keeps Gradio's labels from hiding the text.
(() => {
	// Gradio fills a new answer in step by step; so long its question is held at the top, unless the person scrolls.
	const HOLD_MILLISECONDS = 1000;
	let holdUntil = 0;
	let lastMark = null;
	let lastCount = 0;

	function look() {
		const messages = document.querySelectorAll("#pq-chat [data-testid]");
		if (messages.length > lastCount) {
			holdUntil = performance.now() + HOLD_MILLISECONDS;
		}
		lastCount = messages.length;
		const questions = document.querySelectorAll("#pq-chat .user-row");
		if (questions.length && performance.now() < holdUntil) {
			questions[questions.length - 1].scrollIntoView({ block: "start" });
		}

		const mark = document.getElementById("pq-mark");
		if (mark && mark !== lastMark) {
			holdUntil = 0;
			mark.scrollIntoView({ block: "center" });
		}
		lastMark = mark;

		// Gradio labels each message with its source text; a screen reader would read HTML aloud.
		for (const message of messages) {
			message.removeAttribute("aria-label");
		}

		// Gradio's radio buttons are not of one group, so that arrow keys would not move between them.
		const levels = document.getElementById("pq-strictness");
		for (const button of levels ? levels.querySelectorAll("input") : []) {
			button.name = "pq-strictness";
		}
		levels?.setAttribute("aria-label", levels.querySelector("[data-testid=block-info]")?.textContent.trim() ?? "");
	}

	for (const moved of ["wheel", "touchmove", "keydown", "pointerdown"]) {
		addEventListener(moved, () => { holdUntil = 0; }, { passive: true, capture: true });
	}
	new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
