using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using AiFactory.Testing;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A window of one width, in which page after page is looked at.</summary>
internal sealed partial class Viewing
{
    private static readonly (string Name, ColorScheme Scheme)[] Themes = [("light", ColorScheme.Light), ("dark", ColorScheme.Dark)];

    private readonly ConcurrentQueue<(string What, string Where)> _findings = new();
    private readonly IPage _page;
    private readonly int _width;

    /// <summary>The page, theme and width that is looked at.</summary>
    private string _where = "";

    private int? _expected;

    public Viewing(IPage page, int width)
    {
        _page = page;
        _width = width;
        page.PageError += (_, error) => Find($"uncaught: {error}");
        page.Console += (_, message) => FindUnlessExpected(message);
    }

    public IReadOnlyCollection<(string What, string Where)> Findings => _findings;

    public async Task LookAsync(Place place, Func<Task> open)
    {
        _expected = place.Expected;
        _where = $"{place.Name} {_width}";
        try
        {
            await open();
            await _page.Locator(place.Shows).First.WaitForAsync();
            await (place.Act?.Invoke(_page) ?? Task.CompletedTask);
            await _page.WaitForFunctionAsync(PageChecks.Settled);
            await _page.Mouse.MoveAsync(0, 0);
        }
        catch (Exception exception) when (exception is TimeoutException or PlaywrightException)
        {
            Find($"never was ready: {exception.Message.Split('\n')[0]}");
        }

        await _page.EvaluateAsync("() => scrollTo(0, 0)");
        foreach (var (theme, scheme) in Themes)
        {
            _where = $"{place.Name} {theme}-{_width}";
            await _page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await _page.Locator($"html[data-mantine-color-scheme={theme}]").WaitForAsync();
            await _page.ScreenshotAsync(new() { Path = Path.Combine(RepositoryFolder.Root, "artifacts", "screenshots", $"{theme}-{_width}", $"{place.Name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
            foreach (var complaint in await _page.EvaluateAsync<string[]>(PageChecks.All))
            {
                Find(complaint);
            }
        }
    }

    private void FindUnlessExpected(IConsoleMessage message)
    {
        if (message.Type == "error" && !(_expected is { } status && RefusedResource().Match(message.Text) is { Success: true } match && match.Groups[1].Value == $"{status}"))
        {
            Find($"console: {message.Text} ({message.Location})");
        }
    }

    private void Find(string finding) => _findings.Enqueue((finding, _where));

    [GeneratedRegex(@"^Failed to load resource: the server responded with a status of (\d+)")]
    private static partial Regex RefusedResource();
}
