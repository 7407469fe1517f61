using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.OpenAI;

[Collection(SharedWorker.Name)]
public sealed class ContentTypeTests(WorkerFixture fixture)
{
    [Theory]
    [InlineData("application/json; charset=utf8", HttpStatusCode.OK)]
    [InlineData("application/json;charset=\"UTF8\"", HttpStatusCode.OK)]
    [InlineData("application/json; charset=UTF-8", HttpStatusCode.OK)]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=utf_8x", HttpStatusCode.UnsupportedMediaType)]
    public async Task Only_JSON_in_UTF_8_is_read_by_any_of_its_names(string type, HttpStatusCode status)
    {
        using var client = fixture.Worker.CreateCaller();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"model":"chat","prompt":"x","max_tokens":1}"""));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await client.PostAsync("/v1/completions", content, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status);
    }
}
