using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using AiFactory.Testing.Factory;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>A test with the console in a real browser, behind the gateway.</summary>
public abstract class ConsoleTest(FactoryFixture fixture) : IAsyncLifetime
{
    /// <summary>Milliseconds: a busy machine takes its time.</summary>
    protected const float Patience = 90_000;

    private readonly ConcurrentQueue<IPage> _pages = new();

    protected FactoryProcess Factory => fixture.Factory;

    public ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var page in _pages)
        {
            await page.Context.CloseAsync();
        }
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
        var browser = await fixture.Browser.StartedAsync();
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });
        _pages.Enqueue(page);
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
