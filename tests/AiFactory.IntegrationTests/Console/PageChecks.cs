namespace AiFactory.IntegrationTests.Console;

/// <summary>What a picture of a page is looked at for by a program. Functions of JavaScript, each answers with a list of complaints.</summary>
internal static class PageChecks
{
    /// <summary>All complaints of a page, in one call.</summary>
    internal const string All = $"() => [...({Overflow})(), ...({Contrast})()]";

    /// <summary>Whether everything that says "loading" is gone.</summary>
    internal const string Settled = """
        () => [...document.querySelectorAll('[aria-label=Loading], [aria-busy=true], .mantine-Skeleton-root, .mantine-Loader-root')].every((each) => !each.checkVisibility())
        """;

    /// <summary>What makes the document wider than the window. What sticks out of a box that scrolls or cuts by itself does not.</summary>
    private const string Overflow = """
        () => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) {
            return [];
          }
          const contained = (element) => {
            for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
              if (getComputedStyle(at).overflowX !== 'visible') {
                return true;
              }
            }
            return false;
          };
          const wide = [...document.body.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > root.clientWidth + 1 && !contained(each));
          const named = wide.slice(-1).map((each) => `${each.tagName.toLowerCase()}.${each.getAttribute('class')} "${(each.textContent ?? '').trim().slice(0, 40)}"`);
          return [`the document is ${root.scrollWidth} wide in a window of ${root.clientWidth}: ${named}`];
        }
        """;

    /// <summary>Text that stands out too little from what is behind it: https://www.w3.org/TR/WCAG22/#contrast-minimum. Inactive controls are exempt; what lies over an image is not judged.</summary>
    private const string Contrast = """
        () => {
          const pixel = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
          const seen = new Map();
          const rgba = (color) => {
            if (!seen.has(color)) {
              pixel.clearRect(0, 0, 1, 1);
              pixel.fillStyle = color;
              pixel.fillRect(0, 0, 1, 1);
              const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
              seen.set(color, [r, g, b, a / 255]);
            }
            return seen.get(color);
          };
          const over = ([r, g, b, a], behind) => [r, g, b].map((part, index) => part * a + behind[index] * (1 - a));
          const luminance = (color) => color.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
          const hex = (color) => `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
          const complaints = new Map();
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = texts.nextNode(); node; node = texts.nextNode()) {
            const element = node.parentElement;
            if (node.data.trim() === '' || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest(':disabled, [data-disabled], [aria-disabled=true], [aria-hidden=true], .sr-only, script, style')) {
              continue;
            }
            const style = getComputedStyle(element);
            const layers = [];
            let opacity = 1;
            let image = false;
            for (let at = element; at; at = at.parentElement) {
              const { backgroundColor, backgroundImage, opacity: own } = getComputedStyle(at);
              opacity *= Number(own);
              image ||= backgroundImage !== 'none';
              layers.push(rgba(backgroundColor));
              if (rgba(backgroundColor)[3] === 1) {
                break;
              }
            }
            const back = layers.reduceRight((behind, layer) => over(layer, behind), [255, 255, 255]);
            const [r, g, b, a] = rgba(style.color);
            const front = over([r, g, b, a * opacity], back);
            const [light, dim] = [luminance(front), luminance(back)].sort((one, other) => other - one);
            const ratio = (light + 0.05) / (dim + 0.05);
            const size = parseFloat(style.fontSize);
            const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
            if (!image && ratio < wanted - 0.05) {
              complaints.set(`text in ${hex(front)} on ${hex(back)} has a contrast of ${ratio.toFixed(1)}, not ${wanted}`, node.data.trim().slice(0, 30));
            }
          }
          return [...complaints].map(([complaint, text]) => `${complaint} ("${text}")`);
        }
        """;
}
