using System.Text;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.OpenAI;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Inference.Tests.Isolation;

public sealed class RequestBytesTests
{
    private const string Body = /*lang=json,strict*/ """{"lora_name":"one"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_endpoint_has_read_is_kept_to_be_sent()
    {
        var http = new DefaultHttpContext { Request = { Body = new MemoryStream(Encoding.UTF8.GetBytes(Body)), ContentType = "application/json" } };
        RequestBytes.Keep(http);
        var kept = http.Features.Get<RequestBytes>().ShouldNotBeNull();
        kept.Bytes.ShouldBeEmpty("nobody has asked for it yet");
        (await OpenAIBody.ReadAsync(http.Request, AdapterJson.Default.LoadAdapterRequest, Token)).Value.ShouldNotBeNull().LoraName.ShouldBe("one");
        Encoding.UTF8.GetString(kept.Bytes).ShouldBe(Body);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_refused_by_its_endpoint()
    {
        var http = new DefaultHttpContext { Request = { Body = new Breaking(), ContentType = "application/json" } };
        RequestBytes.Keep(http);
        var (_, error) = await OpenAIBody.ReadAsync(http.Request, AdapterJson.Default.LoadAdapterRequest, Token);
        error.ShouldNotBeNull().Status.ShouldBe(StatusCodes.Status400BadRequest);
    }

    private sealed class Breaking : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Bad chunk size data.");
    }
}
