using AiFactory.Hosting.Web;

namespace AiFactory.Hosting.Tests.Web;

public sealed class PackageScriptTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-script-");

    public PackageScriptTests()
    {
        _folder.CreateSubdirectory("node_modules/.bin");
        _folder.CreateSubdirectory("node_modules/vite/bin");
        File.WriteAllText(Path.Combine(_folder.FullName, "node_modules/vite/bin/vite.js"), "");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "node_modules/.bin/vite"), "../vite/bin/vite.js");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("""{ "scripts": { "dev": "vite --host" } }""", true)]
    [InlineData("""{ "scripts": { "dev": "vite && echo" } }""", false)]
    [InlineData("""{ "scripts": { "dev": "vite", "predev": "echo" } }""", false)]
    [InlineData("""{ "scripts": { "dev": "unknown" } }""", false)]
    [InlineData("""{ "scripts": {} }""", false)]
    public void Only_a_plain_command_of_an_installed_package_runs_without_npm(string package, bool plain)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "package.json"), package);
        var words = PackageScript.Plain(_folder.FullName, "dev");
        (words is not null).ShouldBe(plain);
        if (words is not null)
        {
            words[0].ShouldEndWith("node_modules/vite/bin/vite.js");
            words[1].ShouldBe("--host");
        }
    }
}
