using AiFactory.Hosting.Dashboard;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Hosting.Tests.Dashboard;

public sealed class SecretMaskTests : IDisposable
{
    private const string Secret = "s3cret/with+signs";
    private readonly DistributedApplication _application;
    private readonly SecretMask _mask;

    public SecretMaskTests()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true, Args = [$"--Parameters:known={Secret}", "--Parameters:open=visible"] });
        builder.AddParameter("known", secret: true);
        builder.AddParameter("open");
        _application = builder.Build();
        _mask = new SecretMask(_application.Services.GetRequiredService<DistributedApplicationModel>().Resources);
    }

    public void Dispose() => _application.Dispose();

    [Theory]
    [InlineData("Host=localhost;Port=5432;Username=postgres;Password=abc", "Host=localhost;Port=5432;Username=postgres;Password=********")]
    [InlineData("Host=localhost;Password='a;b';Database=library", "Host=localhost;Password=********;Database=library")]
    [InlineData("Endpoint=http://localhost:1;AccessKey=abc;SecretKey=def;Region=r", "Endpoint=http://localhost:1;AccessKey=********;SecretKey=********;Region=r")]
    [InlineData("postgresql://postgres:abc@localhost:5432/library", "postgresql://postgres:********@localhost:5432/library")]
    [InlineData("https://example.org/a?x=1&api_key=abc", "https://example.org/a?x=1&api_key=********")]
    [InlineData("x-otlp-api-key=abc", "x-otlp-api-key=********")]
    [InlineData("Directory=/srv/objects", "Directory=/srv/objects")]
    [InlineData("http://localhost:8080/signin", "http://localhost:8080/signin")]
    [InlineData("visible", "visible")]
    public void Only_the_secret_part_of_a_value_is_hidden(string value, string shown)
        => _mask.Hide("ConnectionStrings__any", value, isSensitive: false).ShouldBe(shown);

    [Fact]
    public void A_secret_parameter_is_hidden_wherever_it_stands()
    {
        _mask.HideKnown($"a {Secret} b").ShouldBe("a ******** b");
        _mask.HideKnown($"http://host/?q={Uri.EscapeDataString(Secret)}").ShouldBe("http://host/?q=********");
        _mask.Hide("ANY", Secret, isSensitive: false).ShouldBe("********");
    }

    [Theory]
    [InlineData("Identity__Key")]
    [InlineData("Seed__AdminKey")]
    [InlineData("Console__SignInToken")]
    [InlineData("LIBRARYDB_PASSWORD")]
    public void A_variable_with_the_name_of_a_secret_is_hidden(string name)
        => _mask.Hide(name, "anything", isSensitive: false).ShouldBe("********");

    [Theory]
    [InlineData("free text", "********")]
    [InlineData("Directory=/srv/objects", "Directory=/srv/objects")]
    [InlineData("http://localhost:4566", "http://localhost:4566")]
    [InlineData("http://localhost:4566/?sv=1", "********")]
    public void What_the_model_calls_sensitive_is_shown_only_if_no_part_of_it_can_be_secret(string value, string shown)
        => _mask.Hide("ANY", value, isSensitive: true).ShouldBe(shown);
}
