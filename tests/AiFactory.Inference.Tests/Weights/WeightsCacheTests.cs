using System.Security.Cryptography;
using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Weights;

public sealed class WeightsCacheTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-weights-").FullName;
    private readonly CountingStore _store = new();
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
        _store.Opened.ShouldBe([0L]);
    }

    [Fact]
    public async Task The_next_process_uses_what_is_there()
    {
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create())).Dispose();
        (await AcquireAsync(Create())).Dispose();
        _store.Opened.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_damaged_file_is_noticed_and_fetched_again()
    {
        _store.Objects["m"] = _bytes;
        (await AcquireAsync(Create())).Dispose();
        var damaged = (byte[])_bytes.Clone();
        damaged[1_000_000] ^= 1;
        await File.WriteAllBytesAsync(FilePath, damaged, Token);
        (await AcquireAsync(Create())).Dispose();
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Fact]
    public async Task An_interrupted_download_goes_on_where_it_ended()
    {
        _store.Objects["m"] = _bytes;
        _store.FailAfter = 2_000_000;
        var cache = Create();
        await Should.ThrowAsync<IOException>(() => AcquireAsync(cache));
        File.Exists(FilePath).ShouldBeFalse();
        _store.FailAfter = null;
        (await AcquireAsync(Create())).Dispose();
        _store.Opened.Count.ShouldBe(2);
        _store.Opened[1].ShouldBeGreaterThan(0);
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
    }

    [Fact]
    public async Task A_damaged_partial_file_is_fetched_from_the_start()
    {
        _store.Objects["m"] = _bytes;
        Directory.CreateDirectory(Path.Combine(_directory, "sha256"));
        await File.WriteAllBytesAsync(Path.Combine(_directory, "sha256", $"{Hex}.partial"), new byte[500_000], Token);
        (await AcquireAsync(Create())).Dispose();
        _store.Opened.ShouldBe([500_000L, 0L]);
        File.ReadAllBytes(FilePath).ShouldBe(_bytes);
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

    [Theory]
    [InlineData("sha256:../../../etc/passwd")]
    [InlineData("md5:00")]
    [InlineData("")]
    public async Task A_digest_that_is_none_names_no_file(string digest) =>
        await Should.ThrowAsync<WeightsException>(() => Create().AcquireAsync(digest, "m", 3, _ => { }, Token));

    [Fact]
    public async Task The_least_recently_used_weights_make_room_but_never_those_in_use()
    {
        var second = RandomNumberGenerator.GetBytes(1_000_000);
        _store.Objects["m"] = _bytes;
        _store.Objects["second"] = second;
        var cache = Create(sizeLimit: 3_500_000);
        var lease = await AcquireAsync(cache);
        Task<WeightsLease> Second() => cache.AcquireAsync($"sha256:{Convert.ToHexStringLower(SHA256.HashData(second))}", "second", second.Length, _ => { }, Token);
        (await Should.ThrowAsync<WeightsException>(Second)).Message.ShouldContain("3500000");
        File.Exists(FilePath).ShouldBeTrue();
        lease.Dispose();
        (await Second()).Dispose();
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
        Task<WeightsLease> Second() => other.AcquireAsync($"sha256:{Convert.ToHexStringLower(SHA256.HashData(second))}", "second", second.Length, _ => { }, Token);
        await Should.ThrowAsync<WeightsException>(Second);
        File.Exists(FilePath).ShouldBeTrue();
        File.Exists(partial).ShouldBeTrue();
        lease.Dispose();
        (await Second()).Dispose();
        File.Exists(FilePath).ShouldBeFalse();
        File.Exists(partial).ShouldBeTrue();
    }

    [Fact]
    public async Task Processes_that_want_the_same_weights_wait_for_the_one_that_fetches()
    {
        _store.Objects["m"] = _bytes;
        var leases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AcquireAsync(Create())));
        leases.ShouldAllBe(lease => lease.Path == FilePath);
        _store.Opened.ShouldBe([0L]);
    }

    [Fact]
    public async Task Progress_is_told_up_to_the_end()
    {
        _store.Objects["m"] = _bytes;
        var told = new List<double>();
        (await Create().AcquireAsync(Digest, "m", _bytes.Length, told.Add, Token)).Dispose();
        told.ShouldBeInOrder();
        told[^1].ShouldBe(1.0);
    }

    private WeightsCache Create(long sizeLimit = 1L << 30) => new(
        _store, Options.Create(new WeightsOptions { Directory = _directory, SizeLimit = sizeLimit }), TimeProvider.System, NullLogger<WeightsCache>.Instance);

    private Task<WeightsLease> AcquireAsync(WeightsCache cache) => cache.AcquireAsync(Digest, "m", _bytes.Length, _ => { }, Token);

    /// <summary>Objects in memory that notes where each read began, and can break off.</summary>
    private sealed class CountingStore : IObjectStore
    {
        public Dictionary<string, byte[]> Objects { get; } = [];

        public List<long> Opened { get; } = [];

        public int? FailAfter { get; set; }

        public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ObjectContent?> OpenReadAsync(string key, ByteRange? range = null, CancellationToken cancellationToken = default)
        {
            if (!Objects.TryGetValue(key, out var bytes))
            {
                return Task.FromResult<ObjectContent?>(null);
            }

            var offset = (int)(range?.Offset ?? 0);
            Opened.Add(offset);
            Stream stream = new MemoryStream(bytes, offset, bytes.Length - offset);
            return Task.FromResult<ObjectContent?>(new ObjectContent(
                new ObjectInfo(key, bytes.Length, "1", DateTimeOffset.UnixEpoch), FailAfter is { } limit ? new BreakingStream(stream, limit) : stream));
        }

        public Task<PutResult> PutAsync(string key, Stream content, PutCondition? condition = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task DeleteAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ObjectPage> ListAsync(string prefix = "", string? after = null, int pageSize = 1000, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    private sealed class BreakingStream(Stream inner, int limit) : Stream
    {
        private int _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_read >= limit)
            {
                throw new IOException("The connection broke.");
            }

            var read = inner.Read(buffer, offset, Math.Min(count, limit - _read));
            _read += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
