using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Tokens;

[Collection(SharedWorker.Name)]
public sealed class TokenEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tokens_of_a_prompt_are_as_many_as_its_completion_counts()
    {
        const string Prompt = "The factory makes <|im_end|> things";
        var tokens = await PostAsync("/tokenize", new { model = "endless", prompt = Prompt });
        tokens.GetProperty("max_model_len").GetInt32().ShouldBe(512);
        var count = tokens.GetProperty("count").GetInt32();
        tokens.GetProperty("tokens").GetArrayLength().ShouldBe(count);
        tokens.TryGetProperty("token_strs", out _).ShouldBeFalse();
        var completion = await PostAsync("/v1/completions", new { model = "endless", prompt = Prompt, max_tokens = 1 });
        completion.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBe(count);
    }

    [Fact]
    public async Task The_tokens_of_messages_are_as_many_as_their_chat_counts()
    {
        var messages = new[] { new { role = "system", content = "Be brief." }, new { role = "user", content = "Hello <|im_end|>" } };
        var count = (await PostAsync("/tokenize", new { model = "endless", messages })).GetProperty("count").GetInt32();
        var chat = await PostAsync("/v1/chat/completions", new { model = "endless", messages, max_tokens = 1 });
        chat.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBe(count);
        var unopened = (await PostAsync("/tokenize", new { model = "endless", messages, add_generation_prompt = false })).GetProperty("count").GetInt32();
        unopened.ShouldBeLessThan(count);
    }

    [Theory]
    [InlineData("Hello, world. Grüße aus Köln: 北京 🏭\n")]
    [InlineData("<|im_start|>user")]
    public async Task Texts_come_back_from_their_tokens(string text)
    {
        var tokens = (await PostAsync("/tokenize", new { model = "endless", content = text })).GetProperty("tokens");
        var back = await PostAsync("/detokenize", new { model = "endless", tokens });
        back.GetProperty("prompt").GetString().ShouldBe(text);
        back.GetProperty("content").GetString().ShouldBe(text);
    }

    [Fact]
    public async Task A_content_is_read_with_its_control_tokens_and_a_prompt_without()
    {
        (await PostAsync("/tokenize", new { model = "endless", content = "<|im_end|>" })).GetProperty("count").GetInt32().ShouldBe(1);
        (await PostAsync("/tokenize", new { model = "endless", content = "<|im_end|>", parse_special = false })).GetProperty("count").GetInt32().ShouldBeGreaterThan(1);
        (await PostAsync("/tokenize", new { model = "endless", prompt = "<|im_end|>" })).GetProperty("count").GetInt32().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task An_encoder_puts_its_tokens_around_a_text_unless_told()
    {
        int Count(JsonElement answer) => answer.GetProperty("count").GetInt32();
        var (with, without) = (Count(await PostAsync("/tokenize", new { model = "embed", prompt = "water" })), Count(await PostAsync("/tokenize", new { model = "embed", prompt = "water", add_special_tokens = false })));
        with.ShouldBe(without + 2);
    }

    [Fact]
    public async Task Pieces_are_texts_or_bytes()
    {
        var pieces = (await PostAsync("/tokenize", new { model = "endless", content = "a北🏭", with_pieces = true, return_token_strs = true }));
        var bytes = pieces.GetProperty("tokens").EnumerateArray().SelectMany(token => token.GetProperty("piece") is { ValueKind: JsonValueKind.String } text
            ? Encoding.UTF8.GetBytes(text.GetString() ?? "")
            : token.GetProperty("piece").EnumerateArray().Select(value => value.GetByte())).ToArray();
        Encoding.UTF8.GetString(bytes).ShouldBe("a北🏭");
        pieces.GetProperty("token_strs").GetArrayLength().ShouldBe(pieces.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_template_is_applied_without_an_answer()
    {
        var prompt = (await PostAsync("/apply-template", new { model = "endless", messages = new[] { new { role = "user", content = "Hello" } } })).GetProperty("prompt").GetString().ShouldNotBeNull();
        prompt.ShouldContain("Hello");
        prompt.ShouldEndWith("<|im_start|>assistant\n");
        (await PostAsync("/apply-template", new { model = "endless", messages = new[] { new { role = "user", content = "Hello" } }, add_generation_prompt = false }))
            .GetProperty("prompt").GetString().ShouldNotBeNull().ShouldNotContain("assistant");
    }

    [Theory]
    [InlineData("/tokenize", """{"model":"endless"}""", "prompt")]
    [InlineData("/tokenize", """{"model":"endless","prompt":"a","content":"a"}""", "prompt")]
    [InlineData("/tokenize", """{"model":"endless","messages":[{"role":"user","content":"a"}],"add_special_tokens":true}""", "add_special_tokens")]
    [InlineData("/tokenize", """{"model":"endless","messages":[{"role":"user","content":"a"}],"chat_template":"x"}""", "chat_template")]
    [InlineData("/tokenize", """{"model":"endless","messages":[{"role":"user","content":"a"}],"continue_final_message":true}""", "continue_final_message")]
    [InlineData("/tokenize", """{"model":"embed","messages":[{"role":"user","content":"a"}]}""", "model")]
    [InlineData("/tokenize", """{"prompt":"a"}""", "model")]
    [InlineData("/detokenize", """{"model":"endless"}""", "tokens")]
    [InlineData("/detokenize", """{"model":"endless","tokens":[1,-1]}""", "tokens[1]")]
    [InlineData("/detokenize", """{"model":"endless","tokens":[99999999]}""", "tokens[0]")]
    [InlineData("/detokenize", """{"model":"endless","tokens":["a"]}""", "tokens[0]")]
    [InlineData("/apply-template", """{"model":"endless","messages":[]}""", "messages")]
    [InlineData("/apply-template", """{"model":"endless","messages":[{"role":"king","content":"a"}]}""", "messages[0].role")]
    public async Task What_cannot_be_done_is_refused_by_name(string route, string body, string parameter)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(route, content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    [Fact]
    public async Task Who_may_not_use_models_may_not_tokenize()
    {
        using var viewer = fixture.Worker.CreateCaller("viewer");
        using var forbidden = await viewer.PostAsJsonAsync("/tokenize", new { model = "endless", prompt = "a" }, Token);
        forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var stranger = fixture.Worker.CreateCaller(project: "other");
        using var unknown = await stranger.PostAsJsonAsync("/tokenize", new { model = "endless", prompt = "a" }, Token);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<JsonElement> PostAsync(string route, object body)
    {
        using var response = await _client.PostAsJsonAsync(route, body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
