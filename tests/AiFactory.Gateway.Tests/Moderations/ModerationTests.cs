using System.Net;
using System.Text.Json.Nodes;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Moderations;

public sealed class ModerationTests
{
    private const string Path = "/v1/moderations";
    private const string TheirAnswer = """{"id":"modr-9","model":"their-chat","results":[{"flagged":false,"categories":{},"category_scores":{}}]}""";

    private static readonly GuardrailRoute Rules = new("default", null, 1,
    [
        new() { Name = "no-cards", Kind = "pii", Action = "block", Entities = ["credit-card"] },
        new() { Name = "no-mail", Kind = "pii", Action = "mask", Entities = ["email"] },
        new() { Name = "rivals", Kind = "words", Action = "flag", Words = ["Acme"] },
    ]);

    [Theory]
    [InlineData("""{"input":["4111111111111111 of ada@example.org","fine","Acme"]}""", "project/no-cards project/no-mail||project/rivals")]
    [InlineData("""{"model":"guardrails","input":"Acme"}""", "project/rivals")]
    [InlineData("""{"model":null,"input":[{"type":"text","text":"4111 1111 "},{"type":"text","text":"1111 1111"}]}""", "project/no-cards")]
    public async Task Without_a_model_the_rules_of_the_project_say_what_they_find_and_no_model_is_asked(string body, string found)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker) with { Guardrails = [Rules] });

        var (status, answer) = await AskAsync(gateway, body);

        status.ShouldBe(HttpStatusCode.OK);
        answer["model"]?.GetValue<string>().ShouldBe("guardrails");
        answer["id"]?.GetValue<string>().ShouldStartWith("modr-");
        var results = answer["results"]!.AsArray(); // a status of 200
        string.Join('|', results.Select(result => string.Join(' ', result!["categories"]!.AsObject().Where(category => category.Value!.GetValue<bool>()).Select(category => category.Key)))).ShouldBe(found);
        foreach (var result in results)
        {
            var hits = result!["categories"]!.AsObject();
            result["flagged"]!.GetValue<bool>().ShouldBe(hits.Any(category => category.Value!.GetValue<bool>()));
            hits.Count.ShouldBe(13 + 3, "clients with types read OpenAI's");
            result["category_scores"]!.AsObject().ShouldAllBe(score => score.Value!.GetValue<int>() == (hits[score.Key]!.GetValue<bool>() ? 1 : 0));
            result["category_applied_input_types"]!["project/no-cards"]!.ToJsonString().ShouldBe("""["text"]""");
            result["category_applied_input_types"]!["violence"]!.ToJsonString().ShouldBe("[]");
        }

        answer.ToJsonString().ShouldNotContain("1111");
        worker.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_that_is_named_is_asked_with_the_body_as_it_came()
    {
        await using var cloud = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, TheirAnswer));
        await using var worker = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, TheirAnswer));
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(CloudPlan.Cloud("omni-moderation-latest", cloud, task: "moderation"), Plan.Deployment("local", "default", "moderation", "project", worker)));

        var (status, answer) = await AskAsync(gateway, """{ "input":[{"type":"image_url","image_url":{"url":"https://x.example/1.png"}}], "model":"omni-moderation-latest"}""");
        (status, answer.ToJsonString()).ShouldBe((HttpStatusCode.OK, TheirAnswer));
        var seen = cloud.Seen.ShouldHaveSingleItem();
        (seen.Target, seen.Body).ShouldBe((Path, """{ "input":[{"type":"image_url","image_url":{"url":"https://x.example/1.png"}}], "model":"their-chat"}"""));
        (await AskAsync(gateway, """{"input":"x","model":"local"}""")).Status.ShouldBe(HttpStatusCode.OK);
        worker.Seen.ShouldHaveSingleItem().Target.ShouldBe(Path);
    }

    [Theory]
    [InlineData("""{"input":"x","model":"nobody"}""", 404, "model_not_found")]
    [InlineData("""{"input":"x","model":"demo-chat"}""", 400, "operation_not_supported")]
    [InlineData("""{"input":"x","model":7}""", 400, "invalid_type")]
    [InlineData("""{"input":7}""", 400, "invalid_type")]
    [InlineData("""{"input":[]}""", 400, "invalid_value")]
    [InlineData("""{"input":["x",{"type":"text","text":"y"}]}""", 400, "invalid_type")]
    [InlineData("""{"input":[{"type":"image_url","image_url":{"url":"https://x.example/1.png"}}]}""", 400, "unsupported_input")]
    [InlineData("""{}""", 400, "missing_required_parameter")]
    [InlineData("""{"input":"\ud800"}""", 400, "invalid_json")]
    [InlineData("""[]""", 400, "invalid_json")]
    public async Task What_cannot_be_judged_is_said_in_openai_s_words(string body, int status, string code)
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker) with { Guardrails = [Rules] });

        var (answered, answer) = await AskAsync(gateway, body);

        ((int)answered, answer["error"]?["code"]?.GetValue<string>()).ShouldBe((status, code));
        worker.Seen.ShouldBeEmpty();
    }

    /// <summary>Nothing found where nothing was looked for would be taken for innocence.</summary>
    [Fact]
    public async Task Without_rules_a_model_must_be_named_and_a_key_that_may_not_ask_gets_no_verdict()
    {
        await using var worker = await FakeWorker.StartedAsync();
        var plan = Plan.Chat(worker) with { Guardrails = [Rules with { Project = "elsewhere" }] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);
        var (status, answer) = await AskAsync(gateway, """{"input":"Acme"}""");
        (status, answer["error"]?["param"]?.GetValue<string>()).ShouldBe((HttpStatusCode.BadRequest, "model"));

        await gateway.PublishAsync(plan with { Version = 2, Guardrails = [Rules], Keys = [.. plan.Keys.Select(key => key with { Scope = new KeyScope([], ["chat"]) })] });
        (status, answer) = await AskAsync(gateway, """{"input":"Acme"}""");
        (status, answer["error"]?["code"]?.GetValue<string>()).ShouldBe((HttpStatusCode.Forbidden, "key_not_allowed"));
        await gateway.PublishAsync(plan with { Version = 3, Guardrails = [Rules], Keys = [.. plan.Keys.Select(key => key with { Scope = new KeyScope([], ["moderations"]) })] });
        (await AskAsync(gateway, """{"input":"Acme"}""")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_moderation_by_rules_is_a_request_to_limits_of_requests_and_takes_no_tokens()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync((Plan.Chat(worker) with { Guardrails = [Rules] })
            .Limited(LimitScopes.Key, LimitMeasures.Requests, LimitPeriods.Total, 2, name: "few").Limited(LimitScopes.Project, LimitMeasures.Tokens, LimitPeriods.Total, 1, name: "tokens"));
        (await AskAsync(gateway, """{"input":7}""")).Status.ShouldBe(HttpStatusCode.BadRequest, "what is no question counts for nothing");
        (await AskAsync(gateway, """{"input":"Acme and many more words than one token has"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(gateway, """{"input":"Acme"}""")).Status.ShouldBe(HttpStatusCode.OK);

        var (status, answer) = await AskAsync(gateway, """{"input":"Acme"}""");

        (status, answer["error"]?["code"]?.GetValue<string>()).ShouldBe((HttpStatusCode.TooManyRequests, "insufficient_quota"));
        answer["error"]?["message"]?.GetValue<string>().ShouldStartWith("The limit 'few' of this API key is reached: 2 requests in all.");
    }

    [Fact]
    public async Task Moderations_and_trials_take_no_places_of_requests_that_are_guarded()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker) with { Guardrails = [Rules] }, ("Guardrails:Wait", "00:00:00.010"));
        var text = new string('x', LongTexts.Shortest);
        var texts = gateway.Services.GetRequiredService<LongTexts>();
        (await AskAsync(gateway, $$"""{"input":"{{text}}"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await texts.EnterModerationAsync("default", TestContext.Current.CancellationToken)).ShouldBeTrue();

        (await AskAsync(gateway, $$"""{"input":"{{text}}"}""")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable, "a project has one");
        (await AskAsync(gateway, $$"""{"input":[{{string.Join(',', Enumerable.Repeat("\"x\"", 2048))}}]}""")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable, "many short ones are as much work");
        (await AskAsync(gateway, """{"input":"Acme"}""")).Status.ShouldBe(HttpStatusCode.OK, "short texts wait for nobody");
        (await TryAsync("""{"text":"Acme"}""")).ShouldBe(HttpStatusCode.OK);
        (await TryAsync("""{"text":"Acme","project":"default","rules":[]}""")).ShouldBe(HttpStatusCode.TooManyRequests, "rules of one's own may be any");
        using var answer = await gateway.ChatAsync($$"""{"model":"demo-chat","messages":[{"role":"user","content":"{{text}}"}]}""");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);

        async Task<HttpStatusCode> TryAsync(string body)
        {
            using var tried = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/api/guardrails/try", Plan.AdminKey, body));
            return tried.StatusCode;
        }
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(GatewayUnderTest gateway, string body)
    {
        using var answer = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, Path, json: body));
        return (answer.StatusCode, JsonNode.Parse(await GatewayUnderTest.TextAsync(answer)) ?? new JsonObject());
    }
}
