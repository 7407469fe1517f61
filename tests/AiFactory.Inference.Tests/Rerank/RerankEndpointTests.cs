using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Rerank;

[Collection(SharedWorker.Name)]
public sealed class RerankEndpointTests(WorkerFixture fixture)
{
    private static readonly string[] Documents = ["the river is wide", "a garden with old trees", "stones and water", "who paints houses"];

    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rank", 0)]
    [InlineData("embed", -1)]
    public async Task Documents_come_the_most_relevant_first_each_with_the_score_that_it_has_alone(string model, double least)
    {
        var answer = await PostAsync("/v1/rerank", new { model, query = "water", documents = Documents });
        var results = answer.GetProperty("results").EnumerateArray().Select(Read).ToList();
        results.Select(result => result.Score).ShouldBeInOrder(SortDirection.Descending);
        results.Select(result => result.Index).Order().ShouldBe(Enumerable.Range(0, Documents.Length));
        results.Select(result => result.Score).Distinct().Count().ShouldBe(Documents.Length);
        results.ShouldAllBe(result => result.Score > least && result.Score <= 1.000001);
        foreach (var (index, score) in results)
        {
            var alone = await PostAsync("/v1/rerank", new { model, query = "water", documents = new[] { new { text = Documents[index] } } });
            Read(alone.GetProperty("results")[0]).Score.ShouldBe(score, 1e-3);
        }

        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().ShouldBeGreaterThan(Documents.Length);
        answer.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    /// <summary>It was tokenized for each document.</summary>
    [Theory]
    [InlineData("rank")]
    [InlineData("embed")]
    public async Task The_query_is_tokenized_once(string model)
    {
        var served = fixture.Worker.Registry.Ready.OfType<ServedModel>().Single(ready => ready.Assignment.Deployment == model).Model;
        var before = served.Tokenizations;
        await PostAsync("/v1/rerank", new { model, query = "water", documents = Documents });
        (served.Tokenizations - before).ShouldBe(1 + Documents.Length);
    }

    [Fact]
    public async Task An_embedding_model_ranks_by_the_cosine()
    {
        var results = (await PostAsync("/v1/rerank", new { model = "embed", query = "water", documents = Documents })).GetProperty("results").EnumerateArray().Select(Read).ToList();
        var embeddings = (await PostAsync("/v1/embeddings", new { model = "embed", input = Documents.Prepend("water").ToArray() })).GetProperty("data").EnumerateArray()
            .Select(item => item.GetProperty("embedding").EnumerateArray().Select(number => number.GetDouble()).ToArray()).ToList();
        foreach (var (index, score) in results)
        {
            score.ShouldBe(embeddings[0].Zip(embeddings[index + 1], (x, y) => x * y).Sum(), 1e-3);
        }
    }

    [Fact]
    public async Task Only_as_many_as_asked_for_come_and_their_documents_when_asked_for()
    {
        var few = (await PostAsync("/v1/rerank", new { model = "rank", query = "water", documents = Documents, top_n = 2, return_documents = true })).GetProperty("results");
        few.GetArrayLength().ShouldBe(2);
        few[0].GetProperty("document").GetProperty("text").GetString().ShouldBe(Documents[few[0].GetProperty("index").GetInt32()]);
        (await PostAsync("/v1/rerank", new { model = "rank", query = "water", documents = Documents })).GetProperty("results")[0].TryGetProperty("document", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("rank")]
    [InlineData("embed")]
    public async Task Scores_are_those_of_the_ranking(string model)
    {
        var ranked = (await PostAsync("/v1/rerank", new { model, query = "water", documents = Documents })).GetProperty("results").EnumerateArray().Select(Read).ToDictionary(result => result.Index, result => result.Score);
        var scores = (await PostAsync("/v1/score", new { model, text_1 = "water", text_2 = Documents })).GetProperty("data");
        var pairs = (await PostAsync("/v1/score", new { model, text_1 = Documents.Select(_ => "water").ToArray(), text_2 = Documents })).GetProperty("data");
        for (var i = 0; i < Documents.Length; i++)
        {
            scores[i].GetProperty("index").GetInt32().ShouldBe(i);
            scores[i].GetProperty("score").GetDouble().ShouldBe(ranked[i], 1e-3);
            pairs[i].GetProperty("score").GetDouble().ShouldBe(ranked[i], 1e-3);
        }
    }

    [Theory]
    [InlineData("rerank", """{"model":"rank","documents":["a"]}""", "query")]
    [InlineData("rerank", """{"model":"rank","query":"a"}""", "documents")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":[]}""", "documents")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":["b",""]}""", "documents[1]")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":[{"title":"b"}]}""", "documents[0]")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":["b",7]}""", "documents[1]")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":["b"],"top_n":0}""", "top_n")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":["b"],"rank_fields":["x"]}""", "rank_fields")]
    [InlineData("rerank", """{"model":"rank","query":"a","documents":["b"],"truncate_prompt_tokens":5}""", "truncate_prompt_tokens")]
    [InlineData("rerank", """{"model":"chat","query":"a","documents":["b"]}""", "model")]
    [InlineData("score", """{"model":"rank","text_1":["a","b"],"text_2":["c"]}""", "text_1")]
    [InlineData("score", """{"model":"rank","text_1":"a","text_2":[]}""", "text_2")]
    [InlineData("embeddings", """{"model":"rank","input":"a"}""", "model")]
    [InlineData("chat/completions", """{"model":"rank","messages":[{"role":"user","content":"a"}]}""", "model")]
    public async Task What_cannot_be_ranked_is_refused_by_name(string route, string body, string parameter)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync($"/v1/{route}", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    [Fact]
    public async Task A_document_over_the_context_is_refused_by_its_place()
    {
        using var response = await _client.PostAsJsonAsync("/v1/rerank", new { model = "rank", query = "a", documents = new[] { "b", string.Concat(Enumerable.Repeat("word ", 600)) } }, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe("documents[1]");
    }

    [Theory]
    [InlineData("rank")]
    [InlineData("embed")]
    public async Task More_tokens_than_one_request_may_have_are_refused_by_name(string model)
    {
        var text = string.Concat(Enumerable.Repeat("word ", 150));
        using var response = await _client.PostAsJsonAsync("/v1/rerank", new { model, query = text, documents = Enumerable.Repeat(text, 2048).ToArray() }, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
        error.Param.ShouldNotBeNull().ShouldStartWith("documents[");
        error.Message.ShouldContain("in one request");
    }

    private static (int Index, double Score) Read(JsonElement result) => (result.GetProperty("index").GetInt32(), result.GetProperty("relevance_score").GetDouble());

    private async Task<JsonElement> PostAsync(string route, object body)
    {
        using var response = await _client.PostAsJsonAsync(route, body, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
