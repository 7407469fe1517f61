using System.Net;
using System.Net.Sockets;
using System.Text;
using AiFactory.ServiceDefaults.Discovery;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace AiFactory.ServiceDefaults.Tests.Discovery;

public sealed class ServiceDiscoveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_go_round_the_configured_addresses()
    {
        await using var one = await NamedAsync("one");
        await using var two = await NamedAsync("two");
        await using var client = await TestClient.StartAsync(
            "library", [("services:library:http:0", one.Address.ToString()), ("services:library:http:1", two.Address.ToString())]);

        var answers = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await client.Http.GetStringAsync("/name?i=1", Token));
        }

        answers.Count(answer => answer == "one /name?i=1").ShouldBe(3);
        answers.Count(answer => answer == "two /name?i=1").ShouldBe(3);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_address_that_refuses_is_passed_over_whatever_the_method(string method)
    {
        await using var one = await NamedAsync("one");
        await using var client = await TestClient.StartAsync(
            "library",
            [("services:library:http:0", Closed()), ("services:library:http:1", one.Address.ToString()), ("services:library:http:2", Closed()), ("HttpClients:library:Retries", "0")]);

        for (var i = 0; i < 6; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/name") { Content = method == "POST" ? new StreamContent(new MemoryStream("body"u8.ToArray())) : null };
            using var response = await client.Http.SendAsync(request, Token);
            (await response.Content.ReadAsStringAsync(Token)).ShouldBe("one /name");
        }
    }

    [Fact]
    public async Task When_all_refuse_the_caller_is_told()
    {
        await using var client = await TestClient.StartAsync(
            "library", [("services:library:http:0", Closed()), ("services:library:http:1", Closed()), ("HttpClients:library:Retries", "1")]);

        (await Should.ThrowAsync<HttpRequestException>(() => client.Http.GetAsync("/name", Token))).HttpRequestError.ShouldBe(HttpRequestError.ConnectionError);
    }

    [Fact]
    public async Task An_address_may_have_a_path()
    {
        await using var one = await NamedAsync("one");
        await using var client = await TestClient.StartAsync("library", [("services:library:http:0", $"{one.Address}base/")]);

        (await client.Http.GetStringAsync("/name", Token)).ShouldBe("one /base/name");
    }

    [Fact]
    public async Task A_service_sends_its_own_identity_unless_it_speaks_for_another()
    {
        await using var service = await TestService.StartAsync(
            app => app.MapGet("/who", (HttpContext context) => context.GetIdentity().Subject).RequirePermission(Permissions.SnapshotRead));
        await using var client = await TestClient.StartAsync(
            "library", [("services:library:http:0", service.Address.ToString())], http => http.WithServiceIdentity(Roles.Gateway));

        (await client.Http.GetStringAsync("/who", Token)).ShouldBe("service:gateway");

        using var request = service.Request(HttpMethod.Get, "/who", Roles.Viewer);
        using var response = await client.Http.SendAsync(request, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("http://library/", "http")]
    [InlineData("https+http://library/", "https")]
    [InlineData("http://_metrics.library/", "metrics")]
    [InlineData("http://unknown/", null)]
    [InlineData("http://library:8080/", null)]
    public void A_name_is_looked_up_as_Aspire_writes_it(string address, string? found)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:library:http:0"] = "http://http:1",
            ["services:library:https:0"] = "https://https:1",
            ["services:library:metrics:0"] = "http://metrics:1",
        }).Build();
        using var resolver = new ServiceEndpointResolver(configuration);

        resolver.Resolve(new Uri(address))?.Order(0).Single().Address.Host.ShouldBe(found);
        (resolver.Resolve(new Uri(address)) is null).ShouldBe(found is null);
    }

    [Fact]
    public void A_setting_that_is_no_address_is_named()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["services:library:http:0"] = "localhost" }).Build();
        using var resolver = new ServiceEndpointResolver(configuration);

        Should.Throw<InvalidOperationException>(() => resolver.Resolve(new Uri("http://library"))).Message.ShouldContain("services:library:http:0");
    }

    private static Task<TestService> NamedAsync(string name) =>
        TestService.StartAsync(app => app.Map("/{**path}", (HttpContext context) => $"{name} {context.Request.Path}{context.Request.QueryString}").AllowAnonymous());

    private static string Closed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
