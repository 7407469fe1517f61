using System.Net;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.KServe;

public sealed class KServeTests
{
    private const string Tensors = """{ "inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["Hi"]}] }""";

    [Theory]
    [InlineData("")]
    [InlineData("/versions/1")]
    public async Task Inference_reaches_the_models_own_route_and_its_answer_passes_untouched(string version)
    {
        const string answer = """{ "model_name":"demo-chat", "outputs":[] }""";
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, answer));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        using var inferred = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, $"/v2/models/demo-chat{version}/infer", json: Tensors));
        using var described = await gateway.GetAsync($"/v2/models/demo-chat{version}");
        using var ready = await gateway.GetAsync($"/v2/models/demo-chat{version}/ready");

        (await GatewayUnderTest.TextAsync(inferred)).ShouldBe(answer);
        (await GatewayUnderTest.TextAsync(described)).ShouldBe(answer);
        (await GatewayUnderTest.TextAsync(ready)).ShouldBe("""{"name":"demo-chat","ready":true}""");
        worker.Seen.Select(seen => (seen.Method, seen.Target, seen.Body)).ShouldBe(
            [("POST", "/v2/models/demo-chat/infer", Tensors), ("GET", "/v2/models/demo-chat", "")]);
    }

    [Theory]
    [InlineData("/v2/models/nobody/infer", 404, "does not exist or you do not have access")]
    [InlineData("/v2/models/elsewhere/infer", 403, "is another project's")]
    [InlineData("/v2/models/demo-chat/versions/2/infer", 404, "has no version '2' here")]
    [InlineData("/v2/models/demo-chat/generate", 404, "There is no route POST /v2/models/demo-chat/generate")]
    public async Task What_is_not_there_for_this_caller_is_refused_in_KServes_words_and_no_replica_is_asked(string path, int status, string text)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(
            Plan.Deployment("demo-chat", worker), Plan.Deployment("elsewhere", "other", "chat", "project", worker)));

        using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, json: Tensors));

        ((int)response.StatusCode).ShouldBe(status);
        var answer = await GatewayUnderTest.TextAsync(response);
        answer.ShouldStartWith("{\"error\":\"");
        answer.ShouldContain(text);
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_of_the_gateway_on_the_way_has_KServes_words_and_the_workers_own_passes()
    {
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"error":"no such tensor"}""", 400));
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat", worker), Plan.Deployment("away")), ("Forwarding:ReplicaWait", "00:00:00"));

        using var own = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v2/models/demo-chat/infer", json: Tensors));
        using var away = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v2/models/away/infer", json: Tensors));
        using var ready = await gateway.GetAsync("/v2/models/away/ready");

        (await GatewayUnderTest.TextAsync(own)).ShouldBe("""{"error":"no such tensor"}""");
        (away.StatusCode, ready.StatusCode).ShouldBe((HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadRequest));
        (await GatewayUnderTest.TextAsync(away)).ShouldStartWith("{\"error\":\"No replica of the model 'away'");
    }

    [Fact]
    public async Task The_servers_health_is_open_to_all()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(new Plan());

        using var live = await gateway.GetAsync("/v2/health/live", key: null);
        using var ready = await gateway.GetAsync("/v2/health/ready", key: null);
        using var server = await gateway.GetAsync("/v2");

        (await GatewayUnderTest.TextAsync(live)).ShouldBe("""{"live":true}""");
        (await GatewayUnderTest.TextAsync(ready)).ShouldBe("""{"ready":true}""");
        (await GatewayUnderTest.TextAsync(server)).ShouldStartWith("""{"name":"AiFactory.Gateway",""");
    }
}
