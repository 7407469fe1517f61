using System.Text.RegularExpressions;
using AiFactory.Testing.Factory;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A test with the console in a real browser, behind the gateway.</summary>
public abstract class ConsoleTest(FactoryFixture fixture) : IAsyncLifetime
{
    /// <summary>Milliseconds: a busy machine takes its time.</summary>
    protected const float Patience = 90_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    protected FactoryProcess Factory => fixture.Factory;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            ChromiumSandbox = false,
            Args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A page that has signed in by the link that the AppHost prints.</summary>
    protected async Task<IPage> SignedInAsync()
    {
        var page = await NewPageAsync(1440, 900);
        await SignInAsync(page);
        return page;
    }

    /// <summary>An empty page of a browser session of its own. What moves on a page is at its end at once.</summary>
    protected async Task<IPage> NewPageAsync(int width, int height)
    {
        var browser = _browser ?? throw new InvalidOperationException("no browser");
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });
        page.SetDefaultTimeout(Patience);
        return page;
    }

    protected async Task SignInAsync(IPage page)
    {
        var link = new Regex(@"http://\S+/signin#token=\S+").Match(fixture.Factory.Output).Value;
        await page.GotoAsync(link);
        await page.WaitForURLAsync(address => !address.Contains("signin", StringComparison.Ordinal));
    }

    protected Task OpenAsync(IPage page, string address) => page.GotoAsync(new Uri(fixture.Factory.GatewayAddress, address).ToString());
}
