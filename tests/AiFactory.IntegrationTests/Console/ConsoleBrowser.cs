using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>One Chromium for all tests of the console, started by the first that asks: each page is a browser session of its own, as in a window that remembers nothing.</summary>
public sealed class ConsoleBrowser : IAsyncDisposable
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Another one, where the last has ended.</summary>
    public async Task<IBrowser> StartedAsync()
    {
        if (_browser is not { IsConnected: true })
        {
            _playwright ??= await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
                ChromiumSandbox = false,
                Args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }

        return _browser;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
