namespace AiFactory.Hosting.Tests;

public sealed class PublicTypesTests
{
    [Fact]
    public void Only_the_names_of_Aspire_are_public()
        => typeof(Aspire.Hosting.DistributedApplication).Assembly.GetExportedTypes()
            .Where(t => t.Namespace?.StartsWith("Aspire.Hosting", StringComparison.Ordinal) != true)
            .Select(t => t.FullName).ShouldBeEmpty();
}
