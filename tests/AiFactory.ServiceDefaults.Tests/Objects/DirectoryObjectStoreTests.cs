using System.Diagnostics;
using System.Text;
using AiFactory.ServiceDefaults.Objects;
using AiFactory.ServiceDefaults.Objects.Directories;

namespace AiFactory.ServiceDefaults.Tests.Objects;

[Collection(MeasuredAlone.Name)]
public sealed class DirectoryObjectStoreTests : ObjectStoreContract
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-objects-");

    /// <summary>In seven folders, of which each must hold more than a walk's batch.</summary>
    protected override int ManyKeys => 8_000;

    private string Root => Path.Combine(_folder.FullName, "root");

    public override ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("link")]
    [InlineData("folder/link/inside.txt")]
    [InlineData("linked/secret.txt")]
    public async Task A_symbolic_link_leads_nowhere(string key)
    {
        var outside = Path.Combine(_folder.FullName, "outside");
        Directory.CreateDirectory(outside);
        await File.WriteAllTextAsync(Path.Combine(outside, "secret.txt"), "secret", Token);
        Directory.CreateDirectory(Path.Combine(Root, "folder"));
        File.CreateSymbolicLink(Path.Combine(Root, "link"), Path.Combine(outside, "secret.txt"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "linked"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Root, "folder", "link"), outside);

        (await Should.ThrowAsync<ObjectKeyException>(() => Store.OpenReadAsync(key, cancellationToken: Token))).Message.ShouldContain("symbolic link");
        await Should.ThrowAsync<ObjectKeyException>(() => Store.HeadAsync(key, Token));
        await Should.ThrowAsync<ObjectKeyException>(() => PutAsync(key, "overwritten"));
        await Should.ThrowAsync<ObjectKeyException>(() => Store.DeleteAsync(key, Token));
        await Should.ThrowAsync<ObjectKeyException>(() => Store.ListAsync("linked/", cancellationToken: Token));

        (await Store.ListAsync(cancellationToken: Token)).Objects.ShouldBeEmpty();
        (await File.ReadAllTextAsync(Path.Combine(outside, "secret.txt"), Token)).ShouldBe("secret");
    }

    [Fact]
    public async Task One_object_below_another_is_refused_and_says_why()
    {
        await PutAsync("a", "x");
        (await Should.ThrowAsync<ObjectKeyException>(() => PutAsync("a/b", "y"))).Message.ShouldContain("one object below another");

        await PutAsync("c/d", "x");
        (await Should.ThrowAsync<ObjectKeyException>(() => PutAsync("c", "y"))).Message.ShouldContain("one object below another");
        (await LeftoversAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_object_is_a_file_of_its_name()
    {
        await PutAsync("models/demo/latest.gguf", "GGUF");

        (await File.ReadAllTextAsync(Path.Combine(Root, "models", "demo", "latest.gguf"), Token)).ShouldBe("GGUF");

        await File.WriteAllTextAsync(Path.Combine(Root, "models", "copied.gguf"), "by hand", Token);
        (await ReadAsync("models/copied.gguf")).ShouldBe("by hand");
    }

    [Fact]
    public async Task A_folder_of_100_000_objects_is_listed_in_pages_each_once()
    {
        Directory.CreateDirectory(Path.Combine(Root, "blobs"));
        var keys = Enumerable.Range(0, 100_000).Select(i => $"blobs/{i * 7919 % 100_000:x5}").ToArray();
        foreach (var key in keys)
        {
            await File.Create(Path.Combine(Root, key)).DisposeAsync();
        }

        var listed = new List<string>(keys.Length);
        var clock = Stopwatch.StartNew();
        for (string? after = null; ;)
        {
            var page = await Store.ListAsync("blobs/", after, 1000, Token);
            listed.AddRange(page.Objects.Select(item => item.Key));
            if ((after = page.Next) is null)
            {
                break;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"100 pages in {clock.Elapsed.TotalSeconds:0.0} s");
        listed.ShouldBe(keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_delete_leaves_no_empty_folder()
    {
        await PutAsync("a/b/c/d", "x");
        await PutAsync("a/e", "x");

        await Store.DeleteAsync("a/b/c/d", Token);

        Directory.Exists(Path.Combine(Root, "a", "b")).ShouldBeFalse();
        Directory.Exists(Path.Combine(Root, "a")).ShouldBeTrue();
    }

    [Fact]
    public async Task Puts_and_deletes_in_one_folder_do_not_fall_over_each_other() =>
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), Token, async (i, _) =>
        {
            for (var round = 0; round < 50; round++)
            {
                await PutAsync($"x/y/{i}", "x");
                await Store.DeleteAsync($"x/y/{i}", Token);
            }
        });

    [Fact]
    public async Task Two_versions_within_one_tick_of_the_clock_have_two_etags()
    {
        var store = new DirectoryObjectStore(Root, new AiFactory.Testing.ManualTimeProvider());
        var etags = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            etags.Add((await store.PutAsync("key", new MemoryStream("same"u8.ToArray()), cancellationToken: Token)).EnsureStored().Info.ETag);
        }

        etags.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Two_stores_on_one_directory_race_like_one()
    {
        // Two processes share nothing but the lock files; so do two stores.
        IObjectStore[] stores = [Store, new DirectoryObjectStore(Root, TimeProvider.System)];
        for (var round = 0; round < 20; round++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(
                () => stores[i % 2].PutAsync($"race-{round}", new MemoryStream(Encoding.UTF8.GetBytes($"{i}")), PutCondition.IfAbsent, Token),
                Token)));

            results.Count(result => result is PutResult.Stored).ShouldBe(1);
        }
    }

    [Fact]
    public async Task What_a_dead_process_left_is_removed_after_a_day()
    {
        await PutAsync("a", "x");
        var temporary = Path.Combine(Root, ".aifactory", "tmp");
        await File.WriteAllTextAsync(Path.Combine(temporary, "old"), "x", Token);
        File.SetLastWriteTimeUtc(Path.Combine(temporary, "old"), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
        await File.WriteAllTextAsync(Path.Combine(temporary, "new"), "x", Token);

        new DirectoryObjectStore(Root, TimeProvider.System).Prepare();

        Directory.GetFiles(temporary).Select(Path.GetFileName).ShouldBe(["new"]);
        (await ReadAsync("a")).ShouldBe("x");
    }

    protected override Task<IObjectStore> CreateStoreAsync()
    {
        var store = new DirectoryObjectStore(Root, TimeProvider.System);
        store.Prepare();
        return Task.FromResult<IObjectStore>(store);
    }

    protected override Task<int> LeftoversAsync() => Task.FromResult(Directory.GetFiles(Path.Combine(Root, ".aifactory", "tmp")).Length);
}
