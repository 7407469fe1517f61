using AiFactory.Testing.Factory;

namespace AiFactory.Hosting.Tests.Orchestration;

public class FactorySettingsTests
{
    /// <summary>Thrown at the end of an <c>await using</c>, it stood in the place of what the test itself had found.</summary>
    [Fact]
    public async Task Data_that_cannot_be_deleted_hides_no_failure_of_the_test()
    {
        var data = Directory.CreateTempSubdirectory("aifactory-test-").FullName;
        var aside = Directory.CreateTempSubdirectory("aifactory-test-").FullName;
        var within = Directory.CreateDirectory(Deep(data)).FullName;
        Directory.CreateDirectory(Deep(aside));

        // Together they are a path that no call takes (PATH_MAX).
        var moved = Path.Combine(within, "b");
        Directory.Move(Path.Combine(aside, "a"), moved);
        try
        {
            await using (new FactorySettings(data, data, 1, 2, "key", "assembly", new Dictionary<string, string>()) { Patience = TimeSpan.Zero })
            {
            }

            Directory.Exists(moved).ShouldBeTrue("else this test shows nothing");
        }
        finally
        {
            Directory.Move(moved, Path.Combine(aside, "a"));
            Directory.Delete(aside, recursive: true);
            Directory.Delete(data, recursive: true);
        }

        static string Deep(string folder) => Path.Combine([folder, "a", .. Enumerable.Repeat(new string('x', 200), 14)]);
    }
}
