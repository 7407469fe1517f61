using System.Security.Cryptography;
using System.Text;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.ServiceDefaults.Tests.Objects;

/// <summary>What every object store does. Each test has a store of its own.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    protected IObjectStore Store { get; private set; } = null!; // InitializeAsync runs before each test.

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Keys in the test of long lists: an S3 server takes a request for each.</summary>
    protected abstract int ManyKeys { get; }

    public async ValueTask InitializeAsync() => Store = await CreateStoreAsync();

    public abstract ValueTask DisposeAsync();

    protected abstract Task<IObjectStore> CreateStoreAsync();

    /// <summary>How many unfinished puts are left, in temporary files or parts.</summary>
    protected abstract Task<int> LeftoversAsync();

    [Fact]
    public async Task What_is_put_is_read_back_with_its_digest()
    {
        var stored = (await PutAsync("models/a/weights.gguf", "hello")).EnsureStored();

        stored.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("hello"u8)));
        stored.Info.Size.ShouldBe(5);
        (await ReadAsync("models/a/weights.gguf")).ShouldBe("hello");
        var info = await Store.HeadAsync("models/a/weights.gguf", Token);
        info.ShouldNotBeNull();
        (info.Key, info.Size, info.ETag).ShouldBe((stored.Info.Key, 5L, stored.Info.ETag));
        Math.Abs((info.LastModified - TimeProvider.System.GetUtcNow()).TotalMinutes).ShouldBeLessThan(2);
    }

    [Fact]
    public async Task Nothing_is_found_where_nothing_was_put()
    {
        (await Store.HeadAsync("a/b", Token)).ShouldBeNull();
        (await Store.OpenReadAsync("a/b", cancellationToken: Token)).ShouldBeNull();
        await Store.DeleteAsync("a/b", Token);
        (await Store.ListAsync(cancellationToken: Token)).Objects.ShouldBeEmpty();

        await PutAsync("a/b/c", "x");
        (await Store.HeadAsync("a/b", Token)).ShouldBeNull();
        (await Store.OpenReadAsync("a/b", cancellationToken: Token)).ShouldBeNull();
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        (await PutAsync("empty", "")).EnsureStored().Info.Size.ShouldBe(0);

        (await ReadAsync("empty")).ShouldBe("");
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.OpenReadAsync("empty", new ByteRange(0), Token));
    }

    [Fact]
    public async Task A_second_put_replaces_the_first_and_changes_the_etag()
    {
        var etags = new HashSet<string>();
        for (var i = 0; i < 10; i++)
        {
            etags.Add((await PutAsync("key", $"{i}")).EnsureStored().Info.ETag);
        }

        etags.Count.ShouldBe(10);
        (await ReadAsync("key")).ShouldBe("9");
    }

    [Fact]
    public async Task What_is_deleted_is_gone()
    {
        await PutAsync("a/b/c", "x");

        await Store.DeleteAsync("a/b/c", Token);

        (await Store.HeadAsync("a/b/c", Token)).ShouldBeNull();
        await PutAsync("a/b/c", "again");
        (await ReadAsync("a/b/c")).ShouldBe("again");
    }

    [Theory]
    [InlineData(0L, 1L, "0")]
    [InlineData(3L, 4L, "3456")]
    [InlineData(3L, null, "3456789")]
    [InlineData(9L, 100L, "9")]
    [InlineData(0, long.MaxValue, "0123456789")]
    [InlineData(9, long.MaxValue, "9")]
    public async Task A_range_reads_those_bytes(long offset, long? length, string expected)
    {
        await PutAsync("digits", "0123456789");

        await using var content = await Store.OpenReadAsync("digits", new ByteRange(offset, length), Token);

        content.ShouldNotBeNull();
        content.Info.Size.ShouldBe(10);
        using var reader = new StreamReader(content.Stream);
        (await reader.ReadToEndAsync(Token)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(10L, 1L)]
    [InlineData(11L, null)]
    [InlineData(-1L, 1L)]
    [InlineData(0L, 0L)]
    public async Task A_range_outside_the_object_is_refused(long offset, long? length)
    {
        await PutAsync("digits", "0123456789");

        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.OpenReadAsync("digits", new ByteRange(offset, length), Token));
    }

    [Fact]
    public async Task Keys_may_hold_what_names_hold()
    {
        string[] keys = ["a b+c&d=e%2F.txt", "sha256:0a1b", "Größe/模型-😀.gguf", "..a/b..", "~tmp", "a'b\"c", "-x", "q?r#s", new string('k', 200)];
        foreach (var key in keys)
        {
            await PutAsync(key, key);
        }

        foreach (var key in keys)
        {
            (await ReadAsync(key)).ShouldBe(key);
        }

        (await ListAllAsync("", 3)).ShouldBe(Sorted(keys));
    }

    [Theory]
    [MemberData(nameof(ObjectKeys.Refused), MemberType = typeof(ObjectKeys))]
    public async Task A_key_that_tries_to_escape_is_refused_by_every_member(string key)
    {
        await Should.ThrowAsync<ObjectKeyException>(() => PutAsync(key, "x"));
        await Should.ThrowAsync<ObjectKeyException>(() => Store.HeadAsync(key, Token));
        await Should.ThrowAsync<ObjectKeyException>(() => Store.OpenReadAsync(key, cancellationToken: Token));
        await Should.ThrowAsync<ObjectKeyException>(() => Store.DeleteAsync(key, Token));
    }

    [Fact]
    public async Task A_key_that_is_no_Unicode_is_refused() =>
        // Not among the theory's data: a runner passes those on as UTF-8, which cannot hold it.
        await Should.ThrowAsync<ObjectKeyException>(() => PutAsync("lone\ud800surrogate", "x"));

    [Theory]
    [InlineData("../")]
    [InlineData("a/../b")]
    [InlineData("/etc")]
    [InlineData("a\\b")]
    [InlineData("a\0")]
    [InlineData("a//b")]
    [InlineData(".aifactory/tmp")]
    public async Task A_prefix_that_tries_to_escape_is_refused(string prefix) =>
        await Should.ThrowAsync<ObjectKeyException>(() => Store.ListAsync(prefix, cancellationToken: Token));

    [Fact]
    public async Task A_list_is_in_the_order_of_the_keys_bytes_whatever_the_folders()
    {
        string[] keys = ["a-b", "a/b", "a/b-c/x", "a/b.txt", "a/c", "a0", "b", "ab/1", "\uE000", "😀", "é", "Z", "a.b/c"];
        // "a/b" and folders of the same name cannot be in one directory: none is here.
        foreach (var key in keys)
        {
            await PutAsync(key, "x");
        }

        (await ListAllAsync("", 1000)).ShouldBe(Sorted(keys));
        (await ListAllAsync("", 1)).ShouldBe(Sorted(keys));
        (await ListAllAsync("a/", 2)).ShouldBe(["a/b", "a/b-c/x", "a/b.txt", "a/c"]);
        (await ListAllAsync("a/b", 2)).ShouldBe(["a/b", "a/b-c/x", "a/b.txt"]);
        (await ListAllAsync("a", 3)).ShouldBe(["a-b", "a.b/c", "a/b", "a/b-c/x", "a/b.txt", "a/c", "a0", "ab/1"]);
        (await ListAllAsync("nothing/here/", 3)).ShouldBeEmpty();
        (await Store.ListAsync("a", after: "a/b-", cancellationToken: Token)).Objects[0].Key.ShouldBe("a/b-c/x");
        (await Store.ListAsync("a/", after: "b", cancellationToken: Token)).Objects.ShouldBeEmpty();
        (await Store.ListAsync("b", after: "a", cancellationToken: Token)).Objects.ShouldHaveSingleItem().Size.ShouldBe(1);
    }

    [Fact]
    public async Task Many_keys_are_listed_in_pages_each_once()
    {
        var keys = Enumerable.Range(0, ManyKeys).Select(i => $"many/{i % 7}/{i:x6}").ToArray();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (key, _) => await PutAsync(key, ""));

        (await ListAllAsync("many/", 1000)).ShouldBe(Sorted(keys));
        (await ListAllAsync("many/3/", 777)).ShouldBe(Sorted(keys.Where(key => key.StartsWith("many/3/", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task A_page_has_1_to_1000_keys(int size) =>
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Store.ListAsync(pageSize: size, cancellationToken: Token));

    [Fact]
    public async Task A_condition_decides()
    {
        var first = (await PutAsync("key", "1", PutCondition.IfAbsent)).EnsureStored();
        (await PutAsync("key", "2", PutCondition.IfAbsent)).ShouldBeOfType<PutResult.ConditionFailed>();
        var second = (await PutAsync("key", "3", PutCondition.IfMatch(first.Info.ETag))).EnsureStored();
        (await PutAsync("key", "4", PutCondition.IfMatch(first.Info.ETag))).ShouldBeOfType<PutResult.ConditionFailed>();
        (await PutAsync("other", "5", PutCondition.IfMatch(second.Info.ETag))).ShouldBeOfType<PutResult.ConditionFailed>();

        (await ReadAsync("key")).ShouldBe("3");
        (await Store.HeadAsync("other", Token)).ShouldBeNull();
        (await LeftoversAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_condition_decides_on_a_large_object_too()
    {
        const long length = 20 * 1024 * 1024;
        var first = (await Store.PutAsync("large", new GeneratedStream(length), PutCondition.IfAbsent, Token)).EnsureStored();
        (await Store.PutAsync("large", new GeneratedStream(length), PutCondition.IfAbsent, Token)).ShouldBeOfType<PutResult.ConditionFailed>();
        (await Store.PutAsync("large", new GeneratedStream(length + 1), PutCondition.IfMatch(first.Info.ETag), Token)).EnsureStored();
        (await Store.PutAsync("large", new GeneratedStream(length), PutCondition.IfMatch(first.Info.ETag), Token)).ShouldBeOfType<PutResult.ConditionFailed>();

        (await Store.HeadAsync("large", Token))!.Size.ShouldBe(length + 1);
        (await LeftoversAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Of_many_who_put_if_absent_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = $"race-{round}";
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => PutAsync(key, $"{i}", PutCondition.IfAbsent), Token)));

            var winner = results.ToList().FindIndex(result => result is PutResult.Stored);
            results.Count(result => result is PutResult.Stored).ShouldBe(1);
            (await ReadAsync(key)).ShouldBe($"{winner}");
        }
    }

    [Fact]
    public async Task A_counter_kept_by_if_match_loses_no_count()
    {
        await PutAsync("counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                for (int done = 0, tries = 0; done < 10 && tries < 1000; tries++)
                {
                    await using var content = (await Store.OpenReadAsync("counter", cancellationToken: Token))!;
                    using var reader = new StreamReader(content.Stream);
                    var next = int.Parse(await reader.ReadToEndAsync(Token), null) + 1;
                    done += await PutAsync("counter", $"{next}", PutCondition.IfMatch(content.Info.ETag)) is PutResult.Stored ? 1 : 0;
                }
            },
            Token)));

        (await ReadAsync("counter")).ShouldBe("40");
    }

    [Fact]
    public async Task A_reader_sees_the_old_object_or_the_new_one_never_a_mixture()
    {
        const int length = 300_000;
        await Store.PutAsync("shared", Same('a', length), cancellationToken: Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reads = new int[4];
        var readers = Enumerable.Range(0, reads.Length).Select(reader => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await using var content = (await Store.OpenReadAsync("shared", cancellationToken: Token)).ShouldNotBeNull();
                    var bytes = new byte[length];
                    await content.Stream.ReadExactlyAsync(bytes, Token);
                    bytes.AsSpan().IndexOfAnyExcept(bytes[0]).ShouldBe(-1);
                    Interlocked.Increment(ref reads[reader]);
                }
            },
            Token)).ToArray();

        for (var i = 0; i < 40 || (reads.Min() < 5 && !readers.Any(reader => reader.IsFaulted)); i++)
        {
            await Store.PutAsync("shared", Same((char)('b' + (i % 20)), length), cancellationToken: Token);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task An_object_that_is_replaced_while_it_is_read_is_read_to_its_end()
    {
        await Store.PutAsync("shared", Same('a', 200_000), cancellationToken: Token);
        await using var content = (await Store.OpenReadAsync("shared", cancellationToken: Token)).ShouldNotBeNull();
        var bytes = new byte[200_000];
        await content.Stream.ReadExactlyAsync(bytes.AsMemory(0, 10), Token);

        await PutAsync("shared", "short");

        await content.Stream.ReadExactlyAsync(bytes.AsMemory(10), Token);
        bytes.ShouldAllBe(b => b == 'a');
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(40_000_000)]
    public async Task A_put_cancelled_in_its_middle_leaves_nothing(long length)
    {
        await PutAsync("key", "old");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var content = new GeneratedStream(length)
        {
            OnRead = position =>
            {
                if (position > length / 2)
                {
                    cancel.Cancel();
                }
            },
        };

        await Should.ThrowAsync<OperationCanceledException>(() => Store.PutAsync("key", content, cancellationToken: cancel.Token));
        await Should.ThrowAsync<OperationCanceledException>(() => Store.PutAsync("new", new GeneratedStream(length), cancellationToken: cancel.Token));

        (await ReadAsync("key")).ShouldBe("old");
        (await Store.HeadAsync("new", Token)).ShouldBeNull();
        (await LeftoversAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_source_that_fails_in_its_middle_leaves_nothing()
    {
        var content = new GeneratedStream(40_000_000) { OnRead = position => _ = position > 20_000_000 ? throw new IOException("the source broke") : 0 };

        (await Should.ThrowAsync<IOException>(() => Store.PutAsync("key", content, cancellationToken: Token))).Message.ShouldBe("the source broke");

        (await Store.HeadAsync("key", Token)).ShouldBeNull();
        (await LeftoversAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_larger_than_memory_should_hold_passes_through() =>
        await LargeObject.PassThroughAsync(Store, TestContext.Current.TestOutputHelper, Token);

    protected Task<PutResult> PutAsync(string key, string text, PutCondition? condition = null) =>
        Store.PutAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(text)), condition, Token);

    protected async Task<string> ReadAsync(string key)
    {
        await using var content = (await Store.OpenReadAsync(key, cancellationToken: Token)).ShouldNotBeNull();
        using var reader = new StreamReader(content.Stream);
        return await reader.ReadToEndAsync(Token);
    }

    private async Task<List<string>> ListAllAsync(string prefix, int pageSize)
    {
        var keys = new List<string>();
        string? after = null;
        do
        {
            var page = await Store.ListAsync(prefix, after, pageSize, Token);
            page.Objects.Count.ShouldBeLessThanOrEqualTo(pageSize);
            keys.AddRange(page.Objects.Select(item => item.Key));
            after = page.Next;
        }
        while (after is not null);
        return keys;
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> keys) => keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal);

    private static MemoryStream Same(char letter, int length)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)letter);
        return new MemoryStream(bytes);
    }
}
