using AiFactory.ServiceDefaults.Objects.Directories;

namespace AiFactory.ServiceDefaults.Tests.Objects;

public sealed class KeyLocksTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-locks-");
    private readonly ObjectPaths _paths;

    public KeyLocksTests() => _paths = new ObjectPaths(_folder.FullName);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_lock_that_another_process_holds_is_waited_for()
    {
        // Two objects are as two processes to each other: they share nothing but the files.
        var held = await new KeyLocks(_paths, TimeProvider.System).AcquireAsync("key", Token);

        var second = new KeyLocks(_paths, TimeProvider.System).AcquireAsync("key", Token);
        await Task.WhenAny(second, Task.Delay(50, Token));
        second.IsCompleted.ShouldBeFalse();
        held.Dispose();

        using var mine = await second;
    }

    [Fact]
    public async Task A_disk_that_fails_is_not_waited_for()
    {
        Directory.CreateDirectory(_paths.Locks);
        for (var i = 0; i < 256; i++)
        {
            File.CreateSymbolicLink(Path.Combine(_paths.Locks, $"{i:x2}"), Path.Combine(_paths.Locks, $"{i:x2}"));
        }

        await Should.ThrowAsync<IOException>(() => new KeyLocks(_paths, TimeProvider.System).AcquireAsync("key", Token));
    }
}
