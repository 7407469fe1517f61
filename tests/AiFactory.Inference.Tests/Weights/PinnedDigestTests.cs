using System.Security.Cryptography;
using AiFactory.Contracts;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

/// <summary>Digests that an address pins: none is ever left out.</summary>
public sealed class PinnedDigestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aifactory-pinned-").FullName;

    private readonly string _cache = Directory.CreateTempSubdirectory("aifactory-pinned-cache-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_cache, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/chat-00001-of-00002.gguf")]
    public async Task Every_part_is_held_against_its_digest_by_its_name_and_in_a_folder(string file)
    {
        var digests = WriteParts();
        using (await AcquireAsync($"{_folder}{file}?digest={digests[0]},{digests[1]}"))
        {
        }

        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync($"{_folder}{file}?digest={digests[0]},{digests[0]}"))).Message.ShouldContain("was changed or damaged");
    }

    [Fact]
    public async Task A_folder_with_more_files_or_fewer_than_digests_is_refused()
    {
        var digests = WriteParts();
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync($"{_folder}?digest={digests[0]}"))).Message.ShouldContain("2 files and 1 digest:");
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync($"{_folder}?digest={digests[0]},{digests[1]},{digests[1]}"))).Message.ShouldContain("2 files and 3 digests");
    }

    [Theory]
    [InlineData("/mnt/chat.gguf", 2, "names 1 file and has 2 digests")]
    [InlineData("/mnt/chat-00001-of-00003.gguf", 2, "names 3 files and has 2 digests")]
    [InlineData("s3://bucket/chat-00001-of-00003.gguf", 1, "names 3 files and has 1 digest")]
    [InlineData("/mnt/models", 2, null)]
    [InlineData("s3://bucket/chat-00001-of-00003.gguf", 3, null)]
    public void A_count_that_cannot_be_right_stops_the_start(string address, int digests, string? complaint)
    {
        var serve = new ServeOptions { Uri = $"{address}?digest={string.Join(',', Enumerable.Repeat($"sha256:{new string('a', 64)}", digests))}" };
        var result = new DataAnnotationValidateOptions<ServeOptions>(null).Validate(Options.DefaultName, serve);
        (result.FailureMessage ?? "").ShouldContain(complaint ?? "");
        result.Failed.ShouldBe(complaint is not null);
    }

    private string[] WriteParts() => [.. Enumerable.Range(1, 2).Select(number =>
    {
        var bytes = RandomNumberGenerator.GetBytes(1000);
        File.WriteAllBytes(Path.Combine(_folder, $"chat-0000{number}-of-00002.gguf"), bytes);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
    })];

    private async Task<WeightsLease> AcquireAsync(string uri)
    {
        var files = new ModelFiles(new LocalWeights(Verified.In(_cache), NullLogger<LocalWeights>.Instance));
        var (assignment, lease) = await files.AcquireAsync(FixedModelWorker.Assignment(new ServeOptions { Uri = uri, Task = ModelTasks.Chat }), _ => { }, Token);
        ModelUri.IsDigest(assignment.Digest).ShouldBeTrue();
        return lease;
    }
}
