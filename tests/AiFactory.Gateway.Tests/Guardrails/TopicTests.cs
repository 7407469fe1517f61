using System.Net;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Guardrails;

/// <summary>Texts whose topic a model judges.</summary>
public sealed class TopicTests(PostgresFixture postgres)
{
    internal const string Harmless = "How do I grow roses?";
    internal const string Harmful = "How do I forge a sword?";

    internal static readonly GuardrailRule Weapons = new()
    {
        Name = "weapons",
        Kind = "topic",
        Action = "block",
        AppliesTo = "both",
        Judge = "embed",
        Threshold = 0.9,
        Authors = "users", // so that what is asked of judges is the question alone
        Topics = [new GuardrailTopic { Name = "swords and knives", Examples = ["forging a sword"] }, new GuardrailTopic { Name = "poison" }],
    };

    [Fact]
    public async Task A_text_about_a_topic_is_stopped_before_the_model_and_its_judge_is_no_request_of_the_caller_s()
    {
        await using var ledger = await Ledger.CreateAsync(postgres);
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        var plan = Of(chat, embed, Weapons with { AppliesTo = "input" }, new GuardrailRule { Name = "no-mail", Kind = "pii", Action = "mask", Entities = ["email"], AppliesTo = "input" });
        await using var gateway = await GatewayUnderTest.StartAsync(plan.Limited("project", "requests", "day", 4), ledger.Setting);

        (await AskAsync(gateway, Harmful)).ShouldSatisfyAllConditions(
            answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("content_filter"), answer => answer.ShouldContain("'weapons' of this project"), answer => answer.ShouldContain("\"param\":\"messages\""));
        chat.Seen.ShouldBeEmpty();
        (await AskAsync(gateway, $"{Harmless} I am ada@example.org.", system: "Never speak of a sword.")).ShouldStartWith("200", customMessage: "what the application's author forbids is named there");
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
        chat.Seen.Count.ShouldBe(2);

        // Topics are embedded once; what was masked no judge gets.
        var asked = embed.Seen.Select(request => Inputs(request.Body)).ToList();
        asked.Count(texts => texts.Contains("poison")).ShouldBe(1);
        asked[0].ShouldBe([EmbeddingJudge.Probe, "swords and knives", "forging a sword", "poison"]);
        asked.SelectMany(texts => texts).ShouldNotContain(text => text.Contains("ada@") || text.Contains("Never speak"));
        asked.SelectMany(texts => texts).ShouldContain($"{Harmless} I am [EMAIL].");

        // A refused request was given back to its limit, and the judge's four were none.
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
        (await AskAsync(gateway, Harmless)).ShouldStartWith("429");
        var rows = await ledger.UntilAsync(rows => rows.Count(row => row.Operation == "embeddings") >= 6 && rows.Count(row => row.Operation == "chat/completions") >= 4);
        rows.Where(row => row.Operation == "embeddings").ShouldAllBe(row => row.Project == "default" && row.RequestedModel == "embed" && row.PromptTokens == 3);

        // Another version of the rules is another rule: its topics are asked again.
        await gateway.PublishAsync(plan with { Version = 2, Guardrails = [new GuardrailRoute("default", null, 2, [Weapons])] });
        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        embed.Seen.Count(request => Inputs(request.Body).Contains("poison")).ShouldBe(2);
    }

    /// <summary>To an API every caller is the author: who is forbidden a question could else put it into the system message. With the bound that all texts have.</summary>
    [Theory]
    [InlineData("""{"messages":[{"role":"system","content":"How do I forge a sword? Answer it."},{"role":"user","content":"Go on."}]}""")]
    [InlineData("""{"messages":[{"role":"developer","content":[{"type":"text","text":"How do I forge a sword?"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"Go on."}],"tools":[{"type":"function","function":{"name":"f","description":"How do I forge a sword?"}}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"Go on."}],"response_format":{"type":"json_schema","json_schema":{"name":"a","description":"How do I forge a sword?","schema":{}}}}""")]
    public async Task What_any_caller_can_write_is_judged_unless_the_rule_leaves_out_what_the_application_s_author_writes(string request)
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        var plan = Of(chat, embed, Weapons with { Authors = null, AppliesTo = "input" }, Weapons with { Name = "users", AppliesTo = "input" });
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Guardrails:MostWindows", "3"));
        var body = request.Replace("{\"messages\"", "{\"model\":\"demo-chat\",\"messages\"", StringComparison.Ordinal);

        (await StatusAsync(body)).ShouldBe(HttpStatusCode.BadRequest);
        await gateway.PublishAsync(plan with { Version = 2, Guardrails = [new GuardrailRoute("default", null, 2, [Weapons])] });
        (await StatusAsync(body)).ShouldBe(HttpStatusCode.OK);

        // So much of the author's, as a rule that reads it does not let pass, is nothing to one that does not.
        var roses = string.Concat(Enumerable.Repeat("Roses are red and violets are blue. ", 80));
        var @long = JsonSerializer.Serialize(new { model = "demo-chat", messages = new[] { new { role = "system", content = roses }, new { role = "user", content = Harmless } } });
        (await StatusAsync(@long)).ShouldBe(HttpStatusCode.OK);
        await gateway.PublishAsync(plan with { Version = 3 });
        (await StatusAsync(@long)).ShouldBe(HttpStatusCode.BadRequest);

        async Task<HttpStatusCode> StatusAsync(string sent)
        {
            using var response = await gateway.ChatAsync(sent);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("status", null, "503 answered with the status 500")]
    [InlineData("refused", null, "400 answered with the status 400")]
    [InlineData("refused", "pass", "400 answered with the status 400")]
    [InlineData("busy", "pass", "503 answered with the status 429")]
    [InlineData("nonsense", "pass", "503 answered with no vectors")]
    [InlineData("silence", null, "503 did not answer in time")]
    [InlineData("nonsense", null, "503 answered with no vectors")]
    [InlineData("nobody", null, "503 is not deployed")]
    [InlineData("task", null, "503 has the task 'rerank'")]
    [InlineData("status", "pass", "200")]
    [InlineData("silence", "pass", "200")]
    [InlineData("flag", null, "200")]
    public async Task What_cannot_be_judged_does_not_pass_but_where_the_rule_says_so(string fault, string? onFailure, string expected)
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await FakeWorker.StartedAsync(context => fault switch
        {
            "silence" => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "nonsense" => FakeWorker.WriteJsonAsync(context, """{"data":[]}"""),
            "refused" when !((string)context.Items[FakeWorker.BodyItem]!).Contains("sword?") => FakeWorker.WriteJsonAsync(context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), _ => "[0,0,1]")), // the worker sets it
            _ => FakeWorker.WriteJsonAsync(context, """{"error":{"message":"no"}}""", fault switch { "refused" => 400, "busy" => 429, _ => 500 }),
        });
        var rule = Weapons with { OnFailure = onFailure, AppliesTo = "input", Judge = fault == "nobody" ? "nobody" : "embed", Action = fault == "flag" ? "flag" : "block" };
        var plan = Of(chat, embed, rule);
        plan = fault == "task" ? plan with { Deployments = [plan.Deployments[0], plan.Deployments[1] with { Task = "rerank" }] } : plan;
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Guardrails:JudgeTimeout", fault == "silence" ? "00:00:00.050" : "00:00:20"));

        var answer = await AskAsync(gateway, Harmful);

        answer.ShouldStartWith(expected[..3]);
        if (expected.Length > 3)
        {
            answer.ShouldContain(expected[4..]);
            answer.ShouldContain("guardrail_not_judged");
            answer.ShouldContain("'weapons' of this project");
            chat.Seen.ShouldBeEmpty();
        }

        gateway.Log.Lines.Count(line => line.Contains("project/weapons")).ShouldBe(1);
        gateway.Log.Lines.ShouldAllBe(line => !line.Contains("sword?"));
    }

    [Fact]
    public async Task A_whole_answer_about_a_topic_is_not_given()
    {
        await using var chat = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", "Heat the sword.", StringComparison.Ordinal)));
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Weapons));

        var answer = await AskAsync(gateway, Harmless);

        answer.ShouldStartWith("400");
        answer.ShouldContain("'weapons' of this project");
        answer.ShouldNotContain("Heat");
    }

    /// <summary>The first window is with the client before the worker says the second; of that nothing comes.</summary>
    [Fact]
    public async Task A_stream_is_held_back_by_windows_and_not_whole()
    {
        var (seen, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        var fine = FakeWorker.Chunk("Roses are red, violets are blue and both of them need water.") + FakeWorker.Chunk(" ");
        await using var chat = await FakeWorker.StartedAsync(async context =>
        {
            for (var i = 0; i < 4; i++)
            {
                await FakeWorker.WriteEventAsync(context, fine);
            }

            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("Now heat the sword, "));
            await seen.Task;
            for (var i = 0; i < 8; i++)
            {
                await FakeWorker.WriteEventAsync(context, fine);
            }

            context.RequestAborted.Register(left.SetResult);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Weapons));

        using var response = await gateway.ChatAsync(Body(Harmless, stream: true));
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        // Four sentences are a window; the space behind the last one belongs to the next.
        var first = new byte[Encoding.UTF8.GetByteCount(string.Concat(Enumerable.Repeat(fine, 4))) - FakeWorker.Chunk(" ").Length];
        await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        seen.SetResult();
        var rest = await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);

        Encoding.UTF8.GetString(first).ShouldStartWith(fine + fine);
        rest.ShouldNotContain("sword");
        rest.ShouldContain("\"finish_reason\":\"content_filter\"");
        rest.ShouldEndWith("\"code\":\"content_filter\"}}\n\n");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_that_is_about_nothing_forbidden_passes_byte_for_byte()
    {
        var events = FakeWorker.Chunk("Roses are red. ") + FakeWorker.Chunk("Violets are blue.") + """data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n";
        await using var chat = await FakeWorker.StartedAsync(async context =>
        {
            foreach (var piece in events.Chunk(60))
            {
                await FakeWorker.WriteEventAsync(context, new string(piece));
            }
        });
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Weapons));

        using var response = await gateway.ChatAsync(Body(Harmless, stream: true));

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(events);
        embed.Seen.SelectMany(request => Inputs(request.Body)).ShouldContain("Roses are red. Violets are blue.");
    }

    [Fact]
    public async Task A_chat_model_judges_by_an_answer_that_it_is_held_to()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var judge = await FakeWorker.StartedAsync(context =>
        {
            using var body = JsonDocument.Parse((string)context.Items[FakeWorker.BodyItem]!); // the worker sets it
            var text = body.RootElement.GetProperty("messages")[1].GetProperty("content").GetString() ?? "";
            var said = text.Contains("sword") ? "{\\\"topic\\\":1}" : text.Contains("roses") ? "{\\\"topic\\\":0}" : "I would rather not say.";
            return FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", said, StringComparison.Ordinal));
        });
        var plan = Plan.Of(Plan.Deployment("demo-chat", chat), Plan.Deployment("judge", "default", "chat", "project", judge)) with
        {
            Guardrails = [new GuardrailRoute("default", null, 1, [Weapons with { Judge = "judge", Threshold = null, AppliesTo = "input" }])],
        };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
        (await AskAsync(gateway, "What else?")).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("named neither a topic nor none"));
        chat.Seen.Count.ShouldBe(1);
        using var question = JsonDocument.Parse(judge.Seen.First().Body);
        var root = question.RootElement;
        root.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema").GetProperty("properties").GetProperty("topic").GetProperty("enum").EnumerateArray().Select(one => one.GetInt32())
            .ShouldBe([0, 1, 2]);
        root.GetProperty("messages")[0].GetProperty("content").GetString().ShouldNotBeNull().ShouldContain("1. swords and knives (for example: forging a sword)");
        root.GetProperty("messages")[1].GetProperty("content").GetString().ShouldNotBeNull().ShouldSatisfyAllConditions(text => text.ShouldStartWith("<text "), text => text.ShouldContain($">\n{Harmful}\n</text "));
    }

    [Fact]
    public async Task A_moderation_model_judges_by_its_categories()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var judge = await FakeWorker.StartedAsync(context =>
        {
            var results = Inputs((string)context.Items[FakeWorker.BodyItem]!).Select(text => text.Contains("else") ? """{"categories":{}}""" : """{"categories":{"hate":true,"violence":""" + (text.Contains("sword") ? "true}}" : "false}}")); // the worker sets it
            return FakeWorker.WriteJsonAsync(context, $$"""{"id":"m","model":"judge","results":[{{string.Join(',', results)}}]}""");
        });
        var rule = Weapons with { Judge = "judge", Threshold = null, AppliesTo = "input", Topics = [new GuardrailTopic { Name = "violence" }] };
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Of(Plan.Deployment("demo-chat", chat), Plan.Deployment("judge", "default", "moderation", "project", judge)) with { Guardrails = [new GuardrailRoute("default", null, 1, [rule])] });

        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        (await AskAsync(gateway, Harmless)).ShouldStartWith("200");
        (await AskAsync(gateway, "What else?")).ShouldStartWith("503");
    }

    [Fact]
    public async Task Rules_of_the_whole_factory_have_a_judge_that_no_project_can_put_another_in_place_of()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var blind = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Vectors(Inputs((string)context.Items[FakeWorker.BodyItem]!), _ => "[0,0,1]"))); // the worker sets it
        var plan = Plan.Of(Plan.Deployment("demo-chat", chat), Plan.Deployment("embed", "default", "embedding", "project", blind), Plan.Deployment("embed", "other", "embedding", "factory", embed)) with
        {
            Guardrails = [new GuardrailRoute(null, null, 1, [Weapons with { AppliesTo = "input" }])],
        };
        await using var gateway = await GatewayUnderTest.StartAsync(plan);

        (await AskAsync(gateway, Harmful)).ShouldStartWith("400");
        blind.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_with_more_windows_than_are_judged_is_refused_rather_than_judged_in_part()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        var plan = Of(chat, embed, Weapons with { AppliesTo = "input", OnFailure = "pass" });
        await using var gateway = await GatewayUnderTest.StartAsync(plan, ("Guardrails:MostWindows", "3"));
        var padding = string.Concat(Enumerable.Repeat(Harmless, 100));

        (await AskAsync(gateway, padding + Harmful)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("400"), answer => answer.ShouldContain("guardrail_too_long"), answer => answer.ShouldContain("Guardrails:MostWindows"));
        await gateway.PublishAsync(plan with { Version = 2, Guardrails = [new GuardrailRoute("default", null, 2, [Weapons with { AppliesTo = "input", Action = "flag" }])] });
        (await AskAsync(gateway, Harmful + padding)).ShouldSatisfyAllConditions(answer => answer.ShouldStartWith("200"), answer => answer.ShouldContain("flag:weapons"));
        embed.Seen.Select(request => Inputs(request.Body).Length).Max().ShouldBe(4, "the topics, or the windows, and what goes along");
    }

    [Fact]
    public async Task A_trial_and_a_moderation_ask_the_judge_too()
    {
        await using var chat = await FakeWorker.StartedAsync();
        await using var embed = await EmbedderAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Of(chat, embed, Weapons, new GuardrailRule { Name = "rivals", Kind = "words", Action = "flag", Words = ["Acme"] }));

        (await PostAsync("/api/guardrails/try", $$"""{"text":"{{Harmful}}"}""")).ShouldStartWith("""200 {"outcome":"blocked","text":null,"found":["block:weapons"]""");
        (await PostAsync("/api/guardrails/try", $$"""{"text":"Heat the sword. Acme.","appliesTo":"output"}""")).ShouldStartWith("""200 {"outcome":"blocked","text":null,"found":["flag:rivals","block:weapons"]""");
        (await PostAsync("/api/guardrails/try", $$"""{"text":"{{Harmless}}"}""")).ShouldStartWith("""200 {"outcome":"passed",""");
        (await PostAsync("/api/guardrails/try", $$"""{"text":"{{Harmful}}"}""", Plan.ViewerKey)).ShouldStartWith("403", customMessage: "who may not use models asks none");

        var verdicts = await PostAsync("/v1/moderations", $$"""{"input":["{{Harmful}} Acme","{{Harmless}}"]}""");
        verdicts.ShouldStartWith("200");
        var results = JsonDocument.Parse(verdicts[4..]).RootElement.GetProperty("results");
        results.EnumerateArray().Select(result => (result.GetProperty("categories").GetProperty("project/weapons").GetBoolean(), result.GetProperty("categories").GetProperty("project/rivals").GetBoolean())).ShouldBe([(true, true), (false, false)]);
        embed.Script = context => FakeWorker.WriteJsonAsync(context, "{}", 500);
        (await PostAsync("/v1/moderations", $$"""{"input":"{{Harmless}}"}""")).ShouldStartWith("503", customMessage: "what nobody judged is not innocent");

        async Task<string> PostAsync(string path, string body, string key = Plan.DeveloperKey)
        {
            using var response = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, path, key, body));
            return $"{(int)response.StatusCode} {await GatewayUnderTest.TextAsync(response)}";
        }
    }

    /// <summary>So a stream is judged as a whole answer is.</summary>
    [Fact]
    public void Windows_are_the_same_however_a_text_comes_and_nothing_of_it_is_left_out()
    {
        var random = new Random(5);
        string[] parts = ["A word", " ", ". ", "!", "?\n", "3.14", "\n", "\u3002", "😀", new string('x', 90), new string('漢', 70), "and so on, and so on", "\t"];
        for (var i = 0; i < 400; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 120)).Select(_ => parts[random.Next(parts.Length)]));
            var (windows, cut) = (new TextWindows(), new List<string>());
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(random.Next(1, 40), text.Length - at);
                windows.Append(text.AsSpan(at, length));
                Cut(isEnd: false);
                at += length;
            }

            Cut(isEnd: true);
            string[] whole = [.. TextWindows.Of(text)];
            cut.ShouldBe(whole);
            whole.ShouldAllBe(window => Encoding.UTF8.GetByteCount(window) <= TextWindows.Longest && !char.IsLowSurrogate(window[0]));
            windows.Cut.ShouldBe(text.Length);
            string.Concat(string.Concat(whole).Where(letter => !char.IsWhiteSpace(letter))).ShouldBe(string.Concat(text.Where(letter => !char.IsWhiteSpace(letter))));

            void Cut(bool isEnd)
            {
                while (windows.TryCut(isEnd, out var window))
                {
                    cut.AddRange(window.Length > 0 ? [window] : []);
                }
            }
        }
    }

    internal static Plan Of(FakeWorker chat, FakeWorker embed, params GuardrailRule[] rules) => Plan.Of(Plan.Deployment("demo-chat", chat), Plan.Deployment("embed", "default", "embedding", "project", embed)) with
    {
        Guardrails = [new GuardrailRoute("default", null, 1, rules)],
    };

    /// <summary>A text's direction is what it speaks of.</summary>
    internal static Task<FakeWorker> EmbedderAsync() => FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Vectors(
        Inputs((string)context.Items[FakeWorker.BodyItem]!), text => text.Contains("sword") ? "[10,0,1]" : text.Contains("poison") ? "[0,10,1]" : "[0,0,1]"))); // the worker sets it

    internal static string Vectors(string[] texts, Func<string, string> vectorOf) =>
        $$"""{"object":"list","data":[{{string.Join(',', texts.Select((text, i) => $$"""{"object":"embedding","index":{{i}},"embedding":{{vectorOf(text)}} }"""))}}],"model":"embed","usage":{"prompt_tokens":3,"total_tokens":3} }""";

    internal static string[] Inputs(string body)
    {
        using var document = JsonDocument.Parse(body);
        return [.. document.RootElement.GetProperty("input").EnumerateArray().Select(text => text.GetString() ?? "")];
    }

    internal static string Body(string question, bool stream = false, string system = "Be kind.") => JsonSerializer.Serialize(new
    {
        model = "demo-chat",
        stream,
        messages = new[] { new { role = "system", content = system }, new { role = "user", content = question } },
    });

    internal static async Task<string> AskAsync(GatewayUnderTest gateway, string question, string system = "Be kind.")
    {
        using var response = await gateway.ChatAsync(Body(question, system: system));
        var marks = response.Headers.TryGetValues(Guarding.Header, out var found) ? string.Join(',', found) : "";
        return $"{(int)response.StatusCode} {marks} {await GatewayUnderTest.TextAsync(response)}";
    }
}
