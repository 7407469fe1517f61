using System.Net;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.IntegrationTests.Faults;

namespace AiFactory.IntegrationTests.Applications;

/// <summary>200 MB, at the limits that the factory ships with, through the gateway.</summary>
[Collection(SharedFactory.Name)]
public sealed class LargeDocumentTests(FactoryFixture fixture)
{
    private const string Base = "api/builder/projects/default/knowledge-bases";
    private const int Size = 200_000_000;
    private const long Growth = 128 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_of_200_MB_is_refused_with_its_limit_and_nothing_else_is_affected(bool hasLength)
    {
        using var client = new LibraryClient(fixture.Factory);
        var name = $"large-{Guid.CreateVersion7():N}";
        await client.PostAsync<KnowledgeBaseResponse>(Base, new KnowledgeBaseRequest(name, null, null, null, null));
        var before = fixture.Factory.Child("AiFactory.Builder").ProportionalMemory();

        var large = SendAsync(client.Http, $"{Base}/{name}/documents?name=large.txt", hasLength);
        using var small = await client.Http.PostAsync($"{Base}/{name}/documents?name=small.txt", new StringContent("The harbour opens at six."), Token);
        (await KilledProcessTests.ChatAnswersAsync(fixture.Factory)).ShouldBeTrue();
        var (status, answer) = await large;

        small.IsSuccessStatusCode.ShouldBeTrue();
        status.ShouldBe(HttpStatusCode.RequestEntityTooLarge, answer);
        answer.ShouldContain("64 MiB");
        answer.ShouldContain("Knowledge:MaximumDocumentBytes");
        (fixture.Factory.Child("AiFactory.Builder").ProportionalMemory() - before).ShouldBeLessThan(Growth);
        var documents = await client.WaitAsync<Page<DocumentResponse>>($"{Base}/{name}/documents", page => page.Items.All(document => document.State == DocumentStates.Ready));
        documents.Items.ShouldHaveSingleItem().Name.ShouldBe("small.txt");
        await client.Http.DeleteAsync($"{Base}/{name}", Token);
    }

    private static async Task<(HttpStatusCode Status, string Answer)> SendAsync(HttpClient http, string path, bool hasLength)
    {
        using var body = new Letters(hasLength);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.ExpectContinue = false;
        using var response = await http.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    /// <summary>A text that is made while it is sent.</summary>
    private sealed class Letters : HttpContent
    {
        private static readonly byte[] Line = [.. Enumerable.Repeat((byte)'a', 99_999), (byte)'\n'];
        private readonly bool _hasLength;

        public Letters(bool hasLength)
        {
            _hasLength = hasLength;
            Headers.ContentType = new("text/plain");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var sent = 0; sent < Size; sent += Line.Length)
            {
                await stream.WriteAsync(Line);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Size;
            return _hasLength;
        }
    }
}
