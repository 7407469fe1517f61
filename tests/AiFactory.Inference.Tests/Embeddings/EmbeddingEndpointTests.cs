using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Embeddings;

[Collection(SharedWorker.Name)]
public sealed class EmbeddingEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_and_fifty_six_inputs_come_back_in_order_and_as_if_alone()
    {
        var inputs = Enumerable.Range(0, 256).Select(i => string.Concat(Enumerable.Repeat($"text {i} of the garden ", 1 + (i % 12)))).ToArray();
        var all = await EmbedAsync(new { model = "embed", input = inputs });
        all.Count.ShouldBe(256);
        foreach (var i in new[] { 0, 1, 17, 100, 255 })
        {
            var alone = await EmbedAsync(new { model = "embed", input = inputs[i] });
            Cosine(all[i], alone[0]).ShouldBeGreaterThan(0.9999f);
            MathF.Abs(1 - Cosine(all[i], all[i])).ShouldBeLessThan(1e-5f);
        }

        all.Select(embedding => string.Join(',', embedding.Take(4))).Distinct().Count().ShouldBe(256);
    }

    [Fact]
    public async Task Base64_holds_the_same_numbers()
    {
        var floats = await EmbedAsync(new { model = "embed", input = "the river" });
        using var response = await _client.PostAsJsonAsync("/v1/embeddings", new { model = "embed", input = "the river", encoding_format = "base64" }, Token);
        var body = await response.Content.ReadFromJsonAsync(OpenAIJson.Default.EmbeddingsResponse, Token);
        var base64 = ((JsonElement)body.ShouldNotBeNull().Data[0].Embedding).GetString().ShouldNotBeNull();
        MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray().ShouldBe(floats[0]);
        body.Usage.PromptTokens.ShouldBe(body.Usage.TotalTokens);
    }

    [Fact]
    public async Task Fewer_dimensions_are_the_first_ones_of_length_one_again()
    {
        var all = (await EmbedAsync(new { model = "embed", input = "the river" }))[0];
        var few = (await EmbedAsync(new { model = "embed", input = "the river", dimensions = 32 }))[0];
        var length = MathF.Sqrt(all.Take(32).Sum(number => number * number));
        length.ShouldBeLessThan(0.99f);
        few.Length.ShouldBe(32);
        few.Zip(all, (cut, whole) => MathF.Abs(cut - (whole / length))).Max().ShouldBeLessThan(1e-6f);
        (await EmbedAsync(new { model = "embed", input = "the river", dimensions = 128 }))[0].ShouldBe(all);
    }

    [Fact]
    public async Task Tokens_are_taken_in_place_of_text()
    {
        (await EmbedAsync(new { model = "embed", input = new[] { new[] { 2, 50, 60, 3 }, [2, 61, 3] } })).Count.ShouldBe(2);
        (await EmbedAsync(new { model = "embed", input = new[] { 2, 50, 60, 3 } })).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"model":"embed","input":"x","dimensions":129}""", "dimensions", null)]
    [InlineData("""{"model":"embed","input":"x","dimensions":0}""", "dimensions", null)]
    [InlineData("""{"model":"embed","input":"x","encoding_format":"hex"}""", "encoding_format", null)]
    [InlineData("""{"model":"embed","input":["x",""]}""", "input[1]", null)]
    [InlineData("""{"model":"embed","input":[]}""", "input", null)]
    [InlineData("""{"model":"embed","input":[999999]}""", "input", null)]
    [InlineData("""{"model":"embed"}""", "input", null)]
    [InlineData("""{"model":"chat","input":"x"}""", "model", "unsupported_task")]
    public async Task What_cannot_be_embedded_is_refused_by_name(string body, string parameter, string? code)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync("/v1/embeddings", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
        error.Param.ShouldBe(parameter);
        error.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_text_over_the_context_is_refused()
    {
        using var response = await _client.PostAsJsonAsync("/v1/embeddings", new { model = "embed", input = new[] { "short", string.Concat(Enumerable.Repeat("word ", 600)) } }, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
        error.Code.ShouldBe("context_length_exceeded");
        error.Param.ShouldBe("input[1]");
        error.Message.ShouldContain("512 tokens");
    }

    [Fact]
    public async Task Many_callers_at_once_each_get_their_own()
    {
        var texts = Enumerable.Range(0, 24).Select(i => $"caller number {i} asks about water").ToArray();
        var alone = await EmbedAsync(new { model = "embed", input = texts });
        var together = await Task.WhenAll(texts.Select(text => EmbedAsync(new { model = "embed", input = text })));
        for (var i = 0; i < texts.Length; i++)
        {
            Cosine(together[i][0], alone[i]).ShouldBeGreaterThan(0.9999f);
        }
    }

    private async Task<IReadOnlyList<float[]>> EmbedAsync(object body)
    {
        using var response = await _client.PostAsJsonAsync("/v1/embeddings", body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        var embeddings = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.EmbeddingsResponse, Token)).ShouldNotBeNull();
        embeddings.Data.Select(item => item.Index).ShouldBe(Enumerable.Range(0, embeddings.Data.Count));
        return [.. embeddings.Data.Select(item => ((JsonElement)item.Embedding).EnumerateArray().Select(number => number.GetSingle()).ToArray())];
    }

    private static float Cosine(float[] left, float[] right) => left.Zip(right, (x, y) => x * y).Sum();
}
