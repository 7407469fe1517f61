using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Testing.Endpoints;

namespace AiFactory.Inference.Tests.Chat;

[Collection(SharedWorker.Name)]
public sealed class ChatEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_is_answered()
    {
        using var response = await PostAsync(new { model = "chat", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 12, temperature = 0 });
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token);
        answer.ShouldNotBeNull();
        answer.Object.ShouldBe("chat.completion");
        answer.Id.ShouldStartWith("chatcmpl-");
        answer.Model.ShouldBe("chat");
        answer.SystemFingerprint.ShouldNotBeNull().ShouldStartWith("fp_");
        answer.Choices[0].Message.Role.ShouldBe("assistant");
        answer.Choices[0].Message.Content.ShouldNotBeNullOrEmpty();
        answer.Usage.ShouldNotBeNull();
        answer.Usage.TotalTokens.ShouldBe(answer.Usage.PromptTokens + answer.Usage.CompletionTokens.ShouldNotBeNull());
    }

    [Fact]
    public async Task A_stream_is_exactly_as_OpenAI_writes_it()
    {
        var events = await StreamAsync(new
        {
            model = "endless",
            messages = new[] { new { role = "user", content = "Hello" } },
            max_tokens = 5,
            temperature = 0,
            stream = true,
            stream_options = new { include_usage = true },
        });

        events[^1].ShouldBe("[DONE]");
        var chunks = events[..^1].Select(data => JsonDocument.Parse(data).RootElement).ToList();
        chunks.ShouldAllBe(chunk => chunk.GetProperty("object").GetString() == "chat.completion.chunk");
        chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct().Count().ShouldBe(1);
        chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString().ShouldBe("assistant");
        chunks[0].GetProperty("choices")[0].GetProperty("finish_reason").ValueKind.ShouldBe(JsonValueKind.Null);
        chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString().ShouldBe("length");
        chunks[^2].GetProperty("choices")[0].GetProperty("delta").EnumerateObject().ShouldBeEmpty();
        chunks[^1].GetProperty("choices").GetArrayLength().ShouldBe(0);
        chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBe(5);
        chunks[1..^2].ShouldNotBeEmpty();
        chunks[1..^2].ShouldAllBe(chunk => chunk.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString() != "");
    }

    [Fact]
    public async Task Streamed_and_whole_answers_are_the_same_text()
    {
        object Request(bool stream) => new { model = "endless", messages = new[] { new { role = "user", content = "Tell me more" } }, max_tokens = 24, temperature = 0, stream };
        using var whole = await PostAsync(Request(stream: false));
        var answer = await whole.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token);
        var events = await StreamAsync(Request(stream: true));
        var streamed = string.Concat(events[..^1].Select(data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("delta"))
            .Select(delta => delta.TryGetProperty("content", out var content) ? content.GetString() : ""));
        streamed.ShouldBe(answer.ShouldNotBeNull().Choices[0].Message.Content);
    }

    [Fact]
    public async Task More_than_the_context_is_refused_with_the_numbers()
    {
        using var response = await PostAsync(new { model = "endless", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 512 });
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await ReadErrorAsync(response);
        error.Code.ShouldBe("context_length_exceeded");
        error.Param.ShouldBe("messages");
        error.Message.ShouldStartWith("This model's maximum context length is 512 tokens. However, you requested ");
        error.Message.ShouldContain("512 in the completion");
    }

    [Theory]
    [InlineData("/v1/chat/completions", "messages")]
    [InlineData("/v1/completions", "prompt")]
    public async Task A_text_of_megabytes_is_refused_before_it_is_tokenized(string path, string field)
    {
        // 31 MiB pass the gateway, whose limit is 32, and Kestrel's own default would cut them off.
        var text = new string('x', 31 << 20);
        object body = field == "messages" ? new { model = "endless", messages = new[] { new { role = "user", content = text } } } : new { model = "endless", prompt = text };
        using var response = await _client.PostAsJsonAsync(path, body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await ReadErrorAsync(response);
        error.Code.ShouldBe("context_length_exceeded");
        error.Param.ShouldBe(field);
        error.Message.ShouldContain($"your {field} has 325");
    }

    [Theory]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", "top_logprobs", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"functions":[{"name":"f"}]}""", "functions", "unsupported")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":[{"type":"text","text":"x","\ud800xx":1}]}]}""", "messages[0].content", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"stop":"\ud800"}""", "stop", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"stop":["a","\udc00"]}""", "stop", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"response_format":{"type":"text","\ud800xx":1}}""", "response_format.type", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"chat_template_kwargs":{"\ud800":1}}""", "chat_template_kwargs", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"chat_template_kwargs":[]}""", "chat_template_kwargs", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"chat_template_kwargs":{"messages":[]}}""", "chat_template_kwargs.messages", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0].content", "unsupported")]
    [InlineData("""{"model":"chat","messages":[]}""", "messages", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"robot","content":"x"}]}""", "messages[0].role", null)]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"temperature":3}""", "temperature", "integer_above_max_value")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"temperature":"hot"}""", "temperature", "invalid_json")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "max_tokens", "integer_below_min_value")]
    [InlineData("""{"model":"chat","messages":[{"role":"user","content":"x"}],"stop":[1]}""", "stop", null)]
    [InlineData("""{"model":"embed","messages":[{"role":"user","content":"x"}]}""", "model", "unsupported_task")]
    [InlineData("""{"model":"chat","messages":""", "messages", "invalid_json")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "model", null)]
    public async Task What_is_not_supported_is_refused_by_name(string body, string parameter, string? code)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync("/v1/chat/completions", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = await ReadErrorAsync(response);
        error.Type.ShouldBe("invalid_request_error");
        error.Param.ShouldBe(parameter);
        error.Code.ShouldBe(code);
    }

    [Fact]
    public async Task Unknown_fields_are_ignored_and_text_parts_are_joined()
    {
        using var parts = await PostAsync(new
        {
            model = "chat",
            messages = new[] { new { role = "user", content = new[] { new { type = "text", text = "Hello" }, new { type = "text", text = " you" } } } },
            max_tokens = 4,
            temperature = 0,
            n = 1,
            response_format = new { type = "text" },
            a_field_of_the_future = new { x = 1 },
        });
        using var joined = await PostAsync(new { model = "chat", messages = new[] { new { role = "user", content = "Hello you" } }, max_tokens = 4, temperature = 0 });
        var one = await parts.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token);
        var other = await joined.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token);
        one.ShouldNotBeNull().Choices[0].Message.Content.ShouldBe(other.ShouldNotBeNull().Choices[0].Message.Content);
        one.Usage.ShouldNotBeNull().PromptTokens.ShouldBe(other.Usage.ShouldNotBeNull().PromptTokens);
    }

    [Fact]
    public async Task An_unknown_model_is_not_found()
    {
        using var response = await PostAsync(new { model = "nobody", messages = new[] { new { role = "user", content = "x" } } });
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ReadErrorAsync(response)).Code.ShouldBe("model_not_found");
    }

    [Fact]
    public async Task Another_project_does_not_see_the_model()
    {
        using var other = fixture.Worker.CreateCaller(project: "other");
        using var response = await other.PostAsJsonAsync("/v1/chat/completions", new { model = "chat", messages = new[] { new { role = "user", content = "x" } } }, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await other.GetFromJsonAsync("/v1/models", OpenAIJson.Default.ModelList, Token)).ShouldNotBeNull().Data.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_deployments_id_chooses_before_the_name()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "whatever", messages = new[] { new { role = "user", content = "x" } }, max_tokens = 1 }),
        };
        request.Headers.Add(WireHeaders.Deployment, fixture.Chat.DeploymentId.ToString());
        using var response = await _client.SendAsync(request, Token);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull().Model.ShouldBe("chat");
    }

    [Fact]
    public async Task Without_identity_or_permission_the_envelope_says_so()
    {
        using var anonymous = fixture.Worker.CreateClient();
        using var unauthorized = await anonymous.PostAsJsonAsync("/v1/chat/completions", new { model = "chat" }, Token);
        unauthorized.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await ReadErrorAsync(unauthorized)).Code.ShouldBe("invalid_api_key");

        using var viewer = fixture.Worker.CreateCaller("viewer");
        using var forbidden = await viewer.PostAsJsonAsync("/v1/chat/completions", new { model = "chat" }, Token);
        forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await ReadErrorAsync(forbidden)).Type.ShouldBe("permission_error");
    }

    [Fact]
    public void Every_route_has_a_permission()
    {
        EndpointTable.WithoutPermission(fixture.Worker.Services).ShouldBeEmpty();
        EndpointTable.Anonymous(fixture.Worker.Services).ShouldBe(["GET /healthz", "GET /readyz", "GET /metrics", "GET /metrics/vllm", "GET /v2/health/live", "GET /v2/health/ready"], ignoreOrder: true);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        var list = await _client.GetFromJsonAsync("/v1/models", OpenAIJson.Default.ModelList, Token);
        list.ShouldNotBeNull().Data.Select(model => model.Id).ShouldBe(["bytes", "chat", "embed", "endless", "rank", "thinking", "tools"]);
    }

    private Task<HttpResponseMessage> PostAsync(object body) => _client.PostAsJsonAsync("/v1/chat/completions", body, Token);

    private static async Task<ErrorBody> ReadErrorAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;

    private async Task<List<string>> StreamAsync(object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(body) };
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        await using var stream = await response.Content.ReadAsStreamAsync(Token);
        var events = new List<string>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Token))
        {
            events.Add(item.Data);
        }

        return events;
    }
}
