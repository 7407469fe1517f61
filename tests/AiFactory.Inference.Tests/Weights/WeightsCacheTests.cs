using System.Security.Cryptography;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

public sealed class WeightsCacheTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-weights-").FullName;
    private readonly CountingSource _store = new();
    private const int RangeBytes = 200_000;

    private readonly byte[] _bytes = RandomNumberGenerator.GetBytes(3_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Digest => $"sha256:{Hex}";

    private string Hex => Convert.ToHexStringLower(SHA256.HashData(_bytes));

    private string FilePath => Path.Combine(_directory, "sha256", $"{Hex}.gguf");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Weights_are_fetched_once_by_all_who_ask_at_once()
    {
        _store.Objects["m"] = _bytes;
        var cache = Create();
        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AcquireAsync(cache)));
        leases.ShouldAllBe(lease => lease.Path == FilePath);
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
        _store.Given.ShouldBe(_bytes.Length);
    }

    [Fact]
    public async Task The_next_process_uses_what_is_there()
    {
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create())).Hold.Dispose();
        (await AcquireAsync(Create())).Hold.Dispose();
        _store.Given.ShouldBe(_bytes.Length);
    }

    [Fact]
    public async Task A_damaged_file_is_noticed_and_fetched_again()
    {
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create())).Hold.Dispose();
        var damaged = (byte[])_bytes.Clone();
        damaged[1_000_000] ^= 1;
        await File.WriteAllBytesAsync(FilePath, damaged, Token);
        (await AcquireAsync(Create())).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public async Task A_file_comes_in_ranges_whole_and_no_byte_is_asked_twice(int connections)
    {
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create(connections: connections))).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
        _store.Opened.Order().ShouldBe(Enumerable.Range(0, (_bytes.Length + RangeBytes - 1) / RangeBytes).Select(range => (long)range * RangeBytes));
        _store.Given.ShouldBe(_bytes.Length);
        Directory.GetFiles(Path.Combine(_directory, "sha256")).ShouldBe([FilePath]);
    }

    [Fact]
    public async Task An_interrupted_download_goes_on_where_it_ended()
    {
        _store.Objects["m"] = _bytes;
        _store.FailAfter = 2_000_000;
        await Should.ThrowAsync<IOException>(() => AcquireAsync(Create(attempts: 1)));
        File.Exists(FilePath).ShouldBeFalse();
        var asked = _store.Opened.Count;
        _store.FailAfter = null;
        (await AcquireAsync(Create())).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
        // What the four connections had begun is all that came twice.
        _store.Given.ShouldBeLessThanOrEqualTo(_bytes.Length + (4 * RangeBytes));
        _store.Opened.Skip(asked).ShouldAllBe(offset => offset > 0);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_taken_up_where_it_broke()
    {
        _store.Objects["m"] = _bytes;
        // In the middle of the sixth range; of several at once it could be at the beginning of one.
        _store.BreakOnceAt = 1_050_000;
        (await AcquireAsync(Create(connections: 1))).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
        _store.Given.ShouldBe(_bytes.Length);
        _store.Opened.ShouldContain(offset => offset % RangeBytes != 0);
    }

    [Fact]
    public async Task A_source_that_keeps_failing_is_given_up()
    {
        _store.Objects["m"] = _bytes;
        _store.FailAfter = 0;
        await Should.ThrowAsync<IOException>(() => AcquireAsync(Create(attempts: 2, connections: 1)));
        _store.Opened.ShouldBe([0L, 0L]);
    }

    [Fact]
    public async Task A_damaged_partial_file_is_fetched_from_the_start()
    {
        _store.Objects["m"] = _bytes;
        _store.FailAfter = 2_000_000;
        await Should.ThrowAsync<IOException>(() => AcquireAsync(Create(attempts: 1)));
        _store.FailAfter = null;
        using (var partial = File.OpenWrite(Path.Combine(_directory, "sha256", $"{Hex}.partial")))
        {
            partial.Write(new byte[RangeBytes]);
        }

        (await AcquireAsync(Create())).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Fact]
    public async Task Ranges_of_two_versions_of_an_object_are_never_put_together()
    {
        _store.Objects["m"] = _bytes;
        _store.FailAfter = 2_000_000;
        await Should.ThrowAsync<IOException>(() => AcquireAsync(Create(attempts: 1), digest: ""));
        _store.FailAfter = null;
        var other = RandomNumberGenerator.GetBytes(_bytes.Length);
        _store.Objects["m"] = other;
        _store.ETag = "2";
        var file = await AcquireAsync(Create(), digest: "");
        file.Digest.ShouldBe($"sha256:{Convert.ToHexStringLower(SHA256.HashData(other))}");
        File.ReadAllBytes(file.Path).ShouldBe(other);
        file.Hold.Dispose();
    }

    [Fact]
    public async Task A_digest_that_nobody_said_is_computed_and_remembered()
    {
        _store.Objects["m"] = _bytes;
        var first = await AcquireAsync(Create(), digest: "");
        first.Digest.ShouldBe(Digest);
        first.Path.ShouldBe(FilePath);
        first.Hold.Dispose();
        _store.Opened.Clear();
        (await AcquireAsync(Create(), digest: "")).Hold.Dispose();
        _store.Opened.ShouldBeEmpty();
    }

    [Fact]
    public async Task Bytes_that_are_not_those_of_the_digest_are_never_used()
    {
        _store.Objects["m"] = RandomNumberGenerator.GetBytes(_bytes.Length);
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync(Create()))).Message.ShouldContain("does not have the digest");
        Directory.GetFiles(Path.Combine(_directory, "sha256")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_object_that_is_absent_or_of_another_size_is_named()
    {
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync(Create()))).Message.ShouldBe("The object 'm' is not in object storage.");
        _store.Objects["m"] = [1, 2, 3];
        (await Should.ThrowAsync<WeightsException>(() => AcquireAsync(Create()))).Message.ShouldBe("The object 'm' has 3 bytes, the deployment says 3000000.");
    }

    [Fact]
    public async Task An_order_with_a_wrong_size_costs_nobody_the_file()
    {
        _store.Objects["m"] = _bytes;
        using var used = (await AcquireAsync(Create())).Hold;
        _store.Objects.Clear();
        foreach (var cache in new[] { Create(), Create() })
        {
            (await Should.ThrowAsync<WeightsException>(() => cache.AcquireAsync(new WeightsPart("m", Digest, 7), _ => { }, Token))).Message.ShouldContain("the deployment says 7");
        }

        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Fact]
    public async Task A_damaged_file_that_is_in_use_stays_until_there_is_another()
    {
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create())).Hold.Dispose();
        await File.WriteAllBytesAsync(FilePath, new byte[_bytes.Length], Token);
        using var used = FileLock.Share(FilePath);
        _store.Objects.Clear();
        await Should.ThrowAsync<WeightsException>(() => AcquireAsync(Create()));
        File.Exists(FilePath).ShouldBeTrue();
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create())).Hold.Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Theory]
    [InlineData("sha256:../../../etc/passwd")]
    [InlineData("md5:00")]
    [InlineData("x")]
    public async Task A_digest_that_is_none_names_no_file(string digest) =>
        await Should.ThrowAsync<WeightsException>(() => Create().AcquireAsync(new WeightsPart("m", digest, 3), _ => { }, Token));

    [Fact]
    public async Task The_least_recently_used_weights_make_room_but_never_those_in_use()
    {
        var second = RandomNumberGenerator.GetBytes(1_000_000);
        _store.Objects["m"] = _bytes;
        _store.Objects["second"] = second;
        var cache = Create(sizeLimit: 3_500_000);
        var lease = await AcquireAsync(cache);
        Task<WeightsLease.File> Second() => cache.AcquireAsync(new WeightsPart("second", $"sha256:{Convert.ToHexStringLower(SHA256.HashData(second))}", second.Length), _ => { }, Token);
        (await Should.ThrowAsync<WeightsException>(Second)).Message.ShouldContain("3500000");
        File.Exists(FilePath).ShouldBeTrue();
        lease.Hold.Dispose();
        (await Second()).Hold.Dispose();
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Fact]
    public async Task Weights_that_another_process_uses_or_fetches_are_not_evicted()
    {
        // Two caches on one folder stand for two processes: they share nothing but the files.
        var second = RandomNumberGenerator.GetBytes(1_000_000);
        _store.Objects["m"] = _bytes;
        _store.Objects["second"] = second;
        var lease = await AcquireAsync(Create());
        var partial = Path.Combine(_directory, "sha256", $"{new string('a', 64)}.partial");
        await File.WriteAllBytesAsync(partial, new byte[100_000], Token);
        var other = Create(sizeLimit: 3_500_000);
        Task<WeightsLease.File> Second() => other.AcquireAsync(new WeightsPart("second", $"sha256:{Convert.ToHexStringLower(SHA256.HashData(second))}", second.Length), _ => { }, Token);
        await Should.ThrowAsync<WeightsException>(Second);
        File.Exists(FilePath).ShouldBeTrue();
        File.Exists(partial).ShouldBeTrue();
        lease.Hold.Dispose();
        (await Second()).Hold.Dispose();
        File.Exists(FilePath).ShouldBeFalse();
        File.Exists(partial).ShouldBeTrue();
    }

    [Fact]
    public async Task Processes_that_want_the_same_weights_wait_for_the_one_that_fetches()
    {
        _store.Objects["m"] = _bytes;
        var leases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AcquireAsync(Create())));
        leases.ShouldAllBe(lease => lease.Path == FilePath);
        _store.Given.ShouldBe(_bytes.Length);
    }

    [Fact]
    public async Task Progress_is_told_up_to_the_end()
    {
        _store.Objects["m"] = _bytes;
        var told = new List<double>();
        (await Create(connections: 1).AcquireAsync(new WeightsPart("m", Digest, _bytes.Length), told.Add, Token)).Hold.Dispose();
        told.ShouldBeInOrder();
        told[^1].ShouldBe(1.0);
    }

    private WeightsCache Create(long sizeLimit = 1L << 30, int connections = 4, int attempts = 5) => new(
        _store,
        Verified.In(_directory),
        Options.Create(new WeightsOptions { Directory = _directory, SizeLimit = sizeLimit, Connections = connections, Attempts = attempts, RangeBytes = RangeBytes }),
        TimeProvider.System,
        NullLogger<WeightsCache>.Instance);

    private Task<WeightsLease.File> AcquireAsync(WeightsCache cache, string? digest = null) => cache.AcquireAsync(new WeightsPart("m", digest ?? Digest, _bytes.Length), _ => { }, Token);
}
