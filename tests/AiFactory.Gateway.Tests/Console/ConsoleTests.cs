using System.Net;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Console;

public sealed class ConsoleTests
{
    [Fact]
    public async Task The_built_console_is_served_with_its_caching_and_its_policy()
    {
        var root = Directory.CreateTempSubdirectory("aifactory-console-");
        try
        {
            root.CreateSubdirectory("assets");
            await File.WriteAllTextAsync(Path.Combine(root.FullName, "index.html"), "<html>console</html>", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(root.FullName, "assets", "main-abc123.js"), "1", TestContext.Current.CancellationToken);
            await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("webroot", root.FullName));

            using var index = await gateway.GetAsync("/", key: null);
            using var page = await gateway.GetAsync("/deployments/demo-chat", key: null);
            using var script = await gateway.GetAsync("/assets/main-abc123.js", key: null);
            using var old = await gateway.GetAsync("/assets/main-old.js", key: null);
            using var api = await gateway.GetAsync("/api/nothing", key: null);

            (await GatewayUnderTest.TextAsync(index)).ShouldBe("<html>console</html>");
            (await GatewayUnderTest.TextAsync(page)).ShouldBe("<html>console</html>");
            index.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
            index.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            page.Headers.CacheControl?.NoCache.ShouldBeTrue();
            script.Headers.CacheControl?.ToString().ShouldBe("public, max-age=31536000, immutable");
            old.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            api.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            api.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task In_development_pages_come_from_the_development_server()
    {
        await using var vite = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, "from vite"));
        await using var gateway = await GatewayUnderTest.StartAsync(
            new Plan(), ("environment", "Development"), ("services:web:http:0", vite.Address.ToString()));

        using var page = await gateway.GetAsync("/src/main.tsx?t=1", key: null);

        (await GatewayUnderTest.TextAsync(page)).ShouldBe("from vite");
        vite.Seen.Single().Target.ShouldBe("/src/main.tsx?t=1");
    }

    [Fact]
    public async Task Without_either_a_page_says_how_to_build_it()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan(), ("webroot", Path.GetTempPath() + "nowhere"));

        using var page = await gateway.GetAsync("/", key: null);

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GatewayUnderTest.TextAsync(page)).ShouldContain("npm run build");
    }
}
