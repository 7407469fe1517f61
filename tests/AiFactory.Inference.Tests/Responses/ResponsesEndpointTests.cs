using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Responses;

[Collection(SharedWorker.Name)]
public sealed class ResponsesEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_response_says_what_its_chat_says()
    {
        var response = await PostAsync(new { model = "endless", instructions = "Be brief.", input = "Hello", temperature = 0, max_output_tokens = 6, metadata = new { run = "7" } });
        var chat = await ChatAsync(new { model = "endless", messages = new[] { new { role = "system", content = "Be brief." }, new { role = "user", content = "Hello" } }, temperature = 0, max_tokens = 6 });
        response.GetProperty("object").GetString().ShouldBe("response");
        response.GetProperty("id").GetString().ShouldNotBeNull().ShouldStartWith("resp_");
        response.GetProperty("status").GetString().ShouldBe("incomplete");
        response.GetProperty("incomplete_details").GetProperty("reason").GetString().ShouldBe("max_output_tokens");
        response.GetProperty("metadata").GetProperty("run").GetString().ShouldBe("7");
        response.GetProperty("store").GetBoolean().ShouldBeFalse();
        var message = response.GetProperty("output").EnumerateArray().ShouldHaveSingleItem();
        message.GetProperty("type").GetString().ShouldBe("message");
        message.GetProperty("content")[0].GetProperty("text").GetString().ShouldBe(chat.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        response.GetProperty("usage").GetProperty("output_tokens").GetInt32().ShouldBe(6);
        response.GetProperty("usage").GetProperty("input_tokens").GetInt32().ShouldBe(chat.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Items_of_input_are_the_turns_of_a_chat()
    {
        var arguments = """{"city":"Oslo"}""";
        var response = await PostAsync(new
        {
            model = "tools",
            max_output_tokens = 1,
            input = new object[]
            {
                new { role = "user", content = new[] { new { type = "input_text", text = "Weather in " }, new { type = "input_text", text = "Oslo?" } } },
                new { type = "message", role = "assistant", content = new[] { new { type = "output_text", text = "I look." } } },
                new { type = "function_call", call_id = "call_1", name = "get_weather", arguments },
                new { type = "function_call", call_id = "call_2", name = "get_weather", arguments },
                new { type = "function_call_output", call_id = "call_1", output = "rain" },
                new { type = "function_call_output", call_id = "call_2", output = "snow" },
            },
        });
        var call = new { type = "function", function = new { name = "get_weather", arguments } };
        var chat = await ChatAsync(new
        {
            model = "tools",
            max_tokens = 1,
            messages = new object[]
            {
                new { role = "user", content = "Weather in Oslo?" },
                new { role = "assistant", content = "I look.", tool_calls = new object[] { new { id = "call_1", call.type, call.function }, new { id = "call_2", call.type, call.function } } },
                new { role = "tool", tool_call_id = "call_1", content = "rain" },
                new { role = "tool", tool_call_id = "call_2", content = "snow" },
            },
        });
        response.GetProperty("usage").GetProperty("input_tokens").GetInt32().ShouldBe(chat.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Tools_are_shown_to_the_model_as_a_chat_shows_them()
    {
        var parameters = new { type = "object", properties = new { city = new { type = "string" } } };
        var response = await PostAsync(new
        {
            model = "tools", max_output_tokens = 1, input = "Weather in Oslo?", tools = new[] { new { type = "function", name = "get_weather", description = "The weather", parameters } },
        });
        var chat = await ChatAsync(new
        {
            model = "tools",
            max_tokens = 1,
            messages = new[] { new { role = "user", content = "Weather in Oslo?" } },
            tools = new[] { new { type = "function", function = new { name = "get_weather", description = "The weather", parameters } } },
        });
        response.GetProperty("usage").GetProperty("input_tokens").GetInt32().ShouldBe(chat.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        response.GetProperty("tools")[0].GetProperty("type").GetString().ShouldBe("function");
    }

    [Fact]
    public async Task A_stream_tells_each_step_in_order_and_ends_with_the_whole_response()
    {
        var events = await StreamAsync(new { model = "endless", input = "Hello", stream = true, temperature = 0, max_output_tokens = 6 });
        var types = events.Select(next => next.GetProperty("type").GetString()).ToList();
        types.Take(4).ShouldBe(["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"]);
        types.TakeLast(4).ShouldBe(["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.incomplete"]);
        types.Skip(4).SkipLast(4).ShouldAllBe(type => type == "response.output_text.delta");
        events.Select(next => next.GetProperty("sequence_number").GetInt32()).ShouldBe(Enumerable.Range(0, events.Count));
        var text = string.Concat(events.Where(next => next.TryGetProperty("delta", out _)).Select(next => next.GetProperty("delta").GetString()));
        var whole = events[^1].GetProperty("response");
        whole.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString().ShouldBe(text);
        whole.GetProperty("usage").GetProperty("output_tokens").GetInt32().ShouldBe(6);
        whole.GetProperty("id").GetString().ShouldBe(events[0].GetProperty("response").GetProperty("id").GetString());
        events.Where(next => next.TryGetProperty("item_id", out _)).Select(next => next.GetProperty("item_id").GetString()).Distinct().ShouldHaveSingleItem()
            .ShouldBe(whole.GetProperty("output")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{"model":"endless"}""", "input")]
    [InlineData("""{"model":"endless","input":[]}""", "input")]
    [InlineData("""{"model":"endless","input":[7]}""", "input[0]")]
    [InlineData("""{"model":"endless","input":[{"type":"item_reference","id":"x"}]}""", "input[0]")]
    [InlineData("""{"model":"endless","input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]}""", "input[0].content")]
    [InlineData("""{"model":"endless","input":[{"role":"king","content":"x"}]}""", "input")]
    [InlineData("""{"model":"endless","input":[{"type":"function_call","name":"f"}]}""", "input[0]")]
    [InlineData("""{"model":"endless","input":"x","store":true}""", "store")]
    [InlineData("""{"model":"endless","input":"x","previous_response_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"model":"endless","input":"x","conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"model":"endless","input":"x","background":true}""", "background")]
    [InlineData("""{"model":"endless","input":"x","include":["reasoning.encrypted_content"]}""", "include")]
    [InlineData("""{"model":"endless","input":"x","reasoning":{"effort":"low"}}""", "reasoning.effort")]
    [InlineData("""{"model":"endless","input":"x","reasoning":{"summary":"concise"}}""", "reasoning.summary")]
    [InlineData("""{"model":"endless","input":"x","truncation":"auto"}""", "truncation")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":0}""", "max_output_tokens")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":100000}""", "input")]
    [InlineData("""{"model":"endless","input":"x","temperature":9}""", "temperature")]
    [InlineData("""{"model":"tools","input":"x","tools":[{"type":"web_search"}]}""", "tools[0]")]
    [InlineData("""{"model":"tools","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"web_search"}}""", "tool_choice")]
    [InlineData("""{"model":"endless","input":"x","text":{"verbosity":"low"}}""", "text.verbosity")]
    [InlineData("""{"model":"endless","input":"x","text":{"format":{"type":"xml"}}}""", "text.format.type")]
    [InlineData("""{"model":"endless","input":"x","text":{"format":{"type":"json_schema","name":"n","schema":{"not":{}}}}}""", "text.format.schema")]
    [InlineData("""{"model":"tools","input":"x","tools":[{"type":"function","name":"a b"}]}""", "tools[0].name")]
    [InlineData("""{"model":"tools","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"g"}}""", "tool_choice.name")]
    [InlineData("""{"model":"embed","input":"x"}""", "model")]
    [InlineData("""{"model":"endless","input":"x","priority":101}""", "priority")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":1,"metadata":{"a":"\ud800"}}""", "metadata")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":1,"metadata":{"a":7}}""", "metadata")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":1,"metadata":["a"]}""", "metadata")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":1,"metadata":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":"","10":"","11":"","12":"","13":"","14":"","15":"","16":"","17":""}}""", "metadata")]
    [InlineData("""{"model":"tools","input":"x","max_output_tokens":1,"tools":[{"type":"function","name":"f","description":"\ud800"}]}""", "tools")]
    [InlineData("""{"model":"tools","input":"x","max_output_tokens":1,"tools":[{"type":"function","name":"f","\ud800":1}]}""", "tools")]
    [InlineData("""{"model":"tools","input":"x","max_output_tokens":1,"tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"\ud800"}}""", "tool_choice")]
    [InlineData("""{"model":"endless","input":"x","max_output_tokens":1,"text":{"format":{"type":"text","name":"\ud800"}}}""", "text")]
    public async Task What_cannot_be_answered_is_refused_by_name(string body, string parameter)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync("/v1/responses", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    private async Task<JsonElement> PostAsync(object body)
    {
        using var response = await _client.PostAsJsonAsync("/v1/responses", body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private async Task<JsonElement> ChatAsync(object body)
    {
        using var response = await _client.PostAsJsonAsync("/v1/chat/completions", body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private async Task<List<JsonElement>> StreamAsync(object body)
    {
        using var response = await _client.PostAsJsonAsync("/v1/responses", body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        var events = new List<JsonElement>();
        await foreach (var next in SseParser.Create(await response.Content.ReadAsStreamAsync(Token)).EnumerateAsync(Token))
        {
            var data = JsonDocument.Parse(next.Data).RootElement;
            data.GetProperty("type").GetString().ShouldBe(next.EventType);
            events.Add(data);
        }

        return events;
    }
}
