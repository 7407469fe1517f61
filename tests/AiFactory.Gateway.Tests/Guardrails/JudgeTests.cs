using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Tests.Edges;
using static AiFactory.Gateway.Tests.Guardrails.TopicTests;

namespace AiFactory.Gateway.Tests.Guardrails;

/// <summary>Whose word it is whether a text is judged: neither its author's, nor that of who asks for so much that nothing is left.</summary>
public sealed class JudgeTests
{
    private static readonly GuardrailRule Input = Weapons with { AppliesTo = "input" };
    private static readonly GuardrailRule Output = Weapons with { AppliesTo = "output" };

    [Fact]
    public async Task What_a_client_says_in_headers_does_not_go_with_the_question()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Input));
        var request = GatewayUnderTest.Request(HttpMethod.Post, "/v1/chat/completions", Plan.DeveloperKey, Body(Harmless));
        string[] names = ["x-slo-ttft-ms", "x-gateway-inference-objective", "x-mine"];
        foreach (var name in names)
        {
            request.Headers.TryAddWithoutValidation(name, "30000");
        }

        using var response = await gateway.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(200);
        chat.Seen.Single().Headers.Keys.ShouldContain(name => name.Equals("x-slo-ttft-ms", StringComparison.OrdinalIgnoreCase));
        embed.Seen.Count.ShouldBe(2);
        embed.Seen.SelectMany(question => question.Headers.Keys).ShouldAllBe(name => !names.Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The chat reserves all that there is: with its context for an answer of any length.</summary>
    [Fact]
    public async Task A_request_that_reserves_all_tokens_leaves_its_judge_enough()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Input with { OnFailure = "pass" }).Limited("project", "tokens", "day", 1000), ("Limits:Wait", "00:00:00.050"));

        (await AskAsync(gateway, Harmful)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("content_filter"));

        // What was asked of the judge is booked: two questions of three tokens.
        (await AskAsync(gateway, Harmless)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("429"), answer => answer.ShouldContain("994 tokens are left"));
    }

    [Fact]
    public async Task A_model_that_judges_its_own_answers_needs_no_second_place_in_its_queue()
    {
        await using var chat = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context,
            ((string)context.Items[FakeWorker.BodyItem]!).Contains("response_format") ? FakeWorker.Completion.Replace("Hello", """{\"topic\":0}""", StringComparison.Ordinal) : FakeWorker.Completion)); // the worker sets it
        var plan = Plan.Chat(chat) with { Guardrails = [new GuardrailRoute("default", null, 1, [Output with { Judge = "demo-chat", Threshold = null }])] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Queue:RequestsPerReplica", "1"), ("Guardrails:JudgeTimeout", "00:00:02"));

        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
    }

    [Fact]
    public async Task A_judge_s_replica_that_hangs_is_blamed_and_another_is_asked()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var hung = await FakeWorker.StartedAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var plan = Plan.Of(Plan.Deployment("demo-chat", chat), Plan.Deployment("embed", "default", "embedding", "project", hung, embed)) with { Guardrails = [new GuardrailRoute("default", null, 1, [Input])] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Guardrails:JudgeTimeout", "00:00:02"));

        for (var i = 0; i < 6; i++)
        {
            (await AskAsync(gateway, $"{Harmless} {i}")).ShouldStartWith("200");
        }

        hung.Seen.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_verdict_on_one_text_is_not_given_on_another_that_is_near_to_it()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var near = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), _ => "[0,0,1]"))); // the worker sets it
        await using var judge = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, FakeWorker.Completion.Replace("Hello", ((string)context.Items[FakeWorker.BodyItem]!).Contains("forge a sword") ? """{\"topic\":1}""" : """{\"topic\":0}""", StringComparison.Ordinal))); // the worker sets it
        var plan = Plan.Of(
            Plan.Deployment("demo-chat", chat),
            Plan.Deployment("judge", judge) with { Cache = new CachePolicy { Responses = true, Semantic = new SemanticCachePolicy { Embeddings = "near", Threshold = 0.9 } } },
            Plan.Deployment("near", "default", "embedding", "project", near)) with
        {
            Guardrails = [new GuardrailRoute("default", null, 1, [Input with { Judge = "judge", Threshold = null }])],
        };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        near.Seen.ShouldBeEmpty();
    }

    /// <summary>Replicas of the former version answer under the new one's name for a while; a service changes what is behind its own.</summary>
    [Fact]
    public async Task Vectors_of_two_models_are_not_compared()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Input));
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");

        embed.Script = context => FakeWorker.WriteJsonAsync(context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), text => text.Contains("sword") ? "[0,0,9]" : text.Contains("poison") ? "[0,9,0]" : "[9,0,0]")); // the worker sets it

        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
    }

    [Fact]
    public async Task No_policy_of_traffic_has_another_model_judge()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var blind = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), _ => "[0,0,1]"))); // the worker sets it
        var plan = Of(chat, embed, Input);
        plan = plan with { Deployments = [plan.Deployments[0], plan.Deployments[1] with { Traffic = new TrafficPolicy { Splits = [new TrafficSplit("blind", 100)], Fallbacks = ["blind"] } }, Plan.Deployment("blind", "default", "embedding", "project", blind)] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        blind.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deployment_that_takes_the_judge_s_name_does_not_judge_in_its_place()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var blind = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), _ => "[0,0,1]"))); // the worker sets it
        var saved = Plan.Deployment("embed", "other", "embedding", "factory", embed);
        var rule = Input with { JudgeId = saved.Id, OnFailure = "pass" };
        var plan = Plan.Of(Plan.Deployment("demo-chat", chat), saved, Plan.Deployment("embed", "default", "embedding", "project", blind)) with { Guardrails = [new GuardrailRoute("default", null, 1, [rule])] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        await gateway.PublishAsync(plan with { Version = 2, Deployments = [plan.Deployments[0], plan.Deployments[2]] });
        (await AskAsync(gateway, Harmful)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("503"), answer => answer.ShouldContain("another deployment"));
        await gateway.PublishAsync(plan with { Version = 3, Deployments = [plan.Deployments[0], saved with { Visibility = "project" }, plan.Deployments[2]] });
        (await AskAsync(gateway, Harmful)).ShouldStartWith("503", customMessage: "whose it is, does not share it any more");
        blind.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nobody", "is not deployed")]
    [InlineData("embed", "has no replica")]
    public async Task No_answer_is_computed_that_nobody_could_judge(string judge, string why)
    {
        await using var chat = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", chat), Plan.Deployment("embed", "default", "embedding", "project")) with { Guardrails = [new GuardrailRoute("default", null, 1, [Output with { Judge = judge }])] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Guardrails:JudgeTimeout", "00:00:00.100"));

        (await AskAsync(gateway, Harmless)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("503"), answer => answer.ShouldContain(why));
        chat.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_does_not_own_the_rule_does_not_learn_of_its_judge()
    {
        await using var chat = await FakeWorker.StartedAsync();
        var plan = Plan.Of(Plan.Deployment("demo-chat", "other", "chat", "factory", chat)) with { Guardrails = [new GuardrailRoute("other", "demo-chat", 1, [Input with { Judge = "secret-judge" }])] };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await AskAsync(gateway, Harmless)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("503"), answer => answer.ShouldContain("guardrail_not_judged"), answer => answer.ShouldNotContain("secret-judge"), answer => answer.ShouldNotContain("deployed"));
        gateway.Log.Lines.ShouldContain(line => line.Contains("secret-judge is not deployed"), "whoever runs it reads it there");
    }

    /// <summary>As for texts whose bytes are tokens each, or models with a small context.</summary>
    [Fact]
    public async Task A_window_that_is_too_long_for_the_model_is_judged_in_parts()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await FakeWorker.StartedAsync(context =>
        {
            var texts = Inputs((string)context.Items[FakeWorker.BodyItem]!); // the worker sets it
            return Array.Exists(texts, text => text.Length > 130)
                ? FakeWorker.WriteJsonAsync(context, """{"error":{"message":"too long"}}""", 400)
                : FakeWorker.WriteJsonAsync(context, Vectors(texts, text => text.Contains("sword") ? "[10,0,1]" : text.Contains("poison") ? "[0,10,1]" : "[0,0,1]"));
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Input));
        var padding = string.Concat(Enumerable.Repeat("roses and more ", 27));

        (await AskAsync(gateway, padding)).ShouldStartWith("200");
        (await AskAsync(gateway, $"{padding}{Harmful}")).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("content_filter"));
    }

    [Fact]
    public async Task A_text_that_is_the_topic_s_name_meets_a_threshold_of_one()
    {
        // A vector whose length, in numbers of single precision, is less than 1.
        var random = new Random(3);
        var numbers = (float[])[];
        while (numbers.Length == 0 || SemanticIndex.Dot(SemanticIndex.Normalize([.. numbers])!, SemanticIndex.Normalize([.. numbers])!) >= 1) // not null: no number is 0
        {
            numbers = [.. Enumerable.Range(0, 8).Select(_ => random.NextSingle() + 0.1f)];
        }

        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(
            context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), text => text == "poison" ? JsonSerializer.Serialize(numbers) : "[1,0,0,0,0,0,0,-1]"))); // the worker sets it
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Input with { Threshold = 1, Topics = [new GuardrailTopic { Name = "poison" }] }));

        (await AskAsync(gateway, "poison")).ShouldStartWith("400");
    }
}
