using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.KServe;

[Collection(SharedWorker.Name)]
public sealed class KServeEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kubelet_sees_health_without_a_key()
    {
        using var anonymous = fixture.Worker.CreateClient();
        (await anonymous.GetFromJsonAsync<JsonElement>("/v2/health/live", Token)).GetProperty("live").GetBoolean().ShouldBeTrue();
        (await anonymous.GetFromJsonAsync<JsonElement>("/v2/health/ready", Token)).GetProperty("ready").GetBoolean().ShouldBeTrue();
        using var refused = await anonymous.GetAsync("/v2/models/endless", Token);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await refused.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_server_and_its_models_describe_themselves()
    {
        (await _client.GetFromJsonAsync<JsonElement>("/v2", Token)).GetProperty("name").GetString().ShouldBe("AiFactory.Inference");
        foreach (var path in new[] { "/v2/models/embed", "/v2/models/embed/versions/1" })
        {
            var model = await _client.GetFromJsonAsync<JsonElement>(path, Token);
            model.GetProperty("name").GetString().ShouldBe("embed");
            model.GetProperty("versions")[0].GetString().ShouldBe("1");
            model.GetProperty("outputs")[0].GetProperty("datatype").GetString().ShouldBe("FP32");
            model.GetProperty("outputs")[0].GetProperty("shape").EnumerateArray().Select(item => item.GetInt64()).ShouldBe([-1, 128]);
            (await _client.GetFromJsonAsync<JsonElement>($"{path}/ready", Token)).GetProperty("ready").GetBoolean().ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Texts_are_answered_as_the_chat_answers_them()
    {
        var answer = await InferAsync("endless", """
            {"id":"7","inputs":[{"name":"text_input","shape":[2],"datatype":"BYTES","data":["Hello","And you?"]},{"name":"max_tokens","shape":[1],"datatype":"INT32","data":[5]}],"parameters":{"temperature":0}}
            """);
        answer.GetProperty("id").GetString().ShouldBe("7");
        answer.GetProperty("model_name").GetString().ShouldBe("endless");
        answer.GetProperty("model_version").GetString().ShouldBe("1");
        answer.GetProperty("parameters").GetProperty("completion_tokens").GetInt32().ShouldBe(10);
        var text = Output(answer, "text_output");
        text.GetProperty("datatype").GetString().ShouldBe("BYTES");
        text.GetProperty("shape")[0].GetInt32().ShouldBe(2);
        Output(answer, "finish_reason").GetProperty("data")[1].GetString().ShouldBe("length");
        using var chat = await _client.PostAsJsonAsync("/v1/chat/completions", new { model = "endless", messages = new[] { new { role = "user", content = "And you?" } }, max_tokens = 5, temperature = 0 }, Token);
        var content = (await chat.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
        text.GetProperty("data")[1].GetString().ShouldBe(content);
    }

    [Theory]
    [InlineData("""{"name":"prompt","shape":[1],"datatype":"BYTES","data":["The factory"]}""", "\"The factory\"")]
    [InlineData("""{"name":"input_ids","shape":[1,3],"datatype":"INT64","data":[[300,301,302]]}""", "[300,301,302]")]
    [InlineData("""{"name":"input_ids","shape":[3],"datatype":"INT32","data":[300,301,302]}""", "[300,301,302]")]
    public async Task Prompts_and_tokens_are_gone_on_from(string input, string prompt)
    {
        var answer = await InferAsync("endless", $$$"""{"inputs":[{{{input}}}],"outputs":[{"name":"text_output"}],"parameters":{"temperature":0,"max_tokens":4}}""");
        answer.GetProperty("outputs").GetArrayLength().ShouldBe(1);
        using var content = new StringContent($$"""{"model":"endless","prompt":{{prompt}},"temperature":0,"max_tokens":4}""", Encoding.UTF8, "application/json");
        using var completion = await _client.PostAsync("/v1/completions", content, Token);
        Output(answer, "text_output").GetProperty("data")[0].GetString()
            .ShouldBe((await completion.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Embeddings_are_a_tensor_of_rows()
    {
        var answer = await InferAsync("embed", """{"inputs":[{"name":"text_input","shape":[2,1],"datatype":"BYTES","data":[["the river"],["a garden"]]}],"parameters":{"dimensions":32}}""");
        var tensor = Output(answer, "embedding");
        tensor.GetProperty("datatype").GetString().ShouldBe("FP32");
        tensor.GetProperty("shape").EnumerateArray().Select(item => item.GetInt32()).ShouldBe([2, 32]);
        var row = tensor.GetProperty("data").EnumerateArray().Skip(32).Select(item => item.GetSingle()).ToArray();
        using var response = await _client.PostAsJsonAsync("/v1/embeddings", new { model = "embed", input = "a garden", dimensions = 32 }, Token);
        var alone = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(item => item.GetSingle());
        row.Zip(alone, (x, y) => x * y).Sum().ShouldBeGreaterThan(0.9999f);
        answer.GetProperty("parameters").GetProperty("prompt_tokens").GetInt32().ShouldBeGreaterThan(0);
        Output(await InferAsync("embed", """{"inputs":[{"name":"input_ids","shape":[2,2],"datatype":"INT32","data":[50,60,61,62]}]}"""), "embedding").GetProperty("shape")[0].GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task A_ranker_gives_each_text_its_score_against_the_query()
    {
        var answer = await InferAsync("rank", """{"inputs":[{"name":"query","shape":[1],"datatype":"BYTES","data":["water"]},{"name":"text_input","shape":[2],"datatype":"BYTES","data":["the river","a garden"]}]}""");
        var scores = Output(answer, "relevance_score");
        scores.GetProperty("shape")[0].GetInt32().ShouldBe(2);
        using var response = await _client.PostAsJsonAsync("/v1/score", new { model = "rank", text_1 = "water", text_2 = new[] { "the river", "a garden" } }, Token);
        var direct = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data");
        for (var i = 0; i < 2; i++)
        {
            scores.GetProperty("data")[i].GetDouble().ShouldBe(direct[i].GetProperty("score").GetDouble(), 1e-3);
        }

        (await _client.GetFromJsonAsync<JsonElement>("/v2/models/rank", Token)).GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("name").GetString()).ShouldBe(["query", "text_input"]);
    }

    [Theory]
    [InlineData("rank", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["a"]}]}""", "query and text_input")]
    [InlineData("rank", """{"inputs":[{"name":"query","shape":[2],"datatype":"BYTES","data":["a","b"]}]}""", "one text")]
    [InlineData("endless", """{"inputs":[]}""", "text_input")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[2],"datatype":"BYTES","data":["a"]}]}""", "1 elements")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[9223372036854775807,9223372036854775807,4],"datatype":"BYTES","data":["a"]}]}""", "1 elements")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[-1],"datatype":"BYTES","data":["a"]}]}""", "shape")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":[1]}]}""", "Element 0")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"FP64","data":["a"]}]}""", "datatype")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":[{"name":"logits"}]}""", "no output 'logits'")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"stream":true}}""", "stream")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"max_tokens":"x"}}""", "max_tokens")]
    [InlineData("endless", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"temperature":9}}""", "temperature")]
    [InlineData("endless", """{"inputs":[{"name":"input_ids","shape":[1],"datatype":"INT32","data":[99999999]}]}""", "token")]
    [InlineData("endless", """{"inputs":[{"name":"input_ids","shape":[1],"datatype":"INT32","data":[4294967296]}]}""", "INT32")]
    [InlineData("endless", """{"inputs":[null]}""", "object")]
    [InlineData("endless", """{"inputs":7}""", "inputs")]
    [InlineData("embed", """{"inputs":[{"name":"prompt","shape":[1],"datatype":"BYTES","data":["a"]}]}""", "prompt")]
    [InlineData("embed", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"dimensions":1000}}""", "dimensions")]
    public async Task What_is_no_inference_is_refused_in_the_protocols_form(string model, string body, string word)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync($"/v2/models/{model}/infer", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetString().ShouldNotBeNull().ShouldContain(word);
    }

    [Theory]
    [InlineData("/v2/models/none")]
    [InlineData("/v2/models/none/ready")]
    [InlineData("/v2/models/endless/versions/2")]
    [InlineData("/v2/models/endless/versions/2/ready")]
    [InlineData("/v2/nothing")]
    public async Task What_is_not_there_is_not_found_in_the_protocols_form(string path)
    {
        using var response = await _client.GetAsync(path, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Readiness_is_that_of_the_deployment_in_the_header()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/models/endless/ready");
        request.Headers.Add(WireHeaders.Deployment, $"{Guid.CreateVersion7()}");
        using var response = await _client.SendAsync(request, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static JsonElement Output(JsonElement answer, string name) =>
        answer.GetProperty("outputs").EnumerateArray().Single(output => output.GetProperty("name").GetString() == name);

    private async Task<JsonElement> InferAsync(string model, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync($"/v2/models/{model}/infer", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
