using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.ServiceDefaults.Tests.Objects;

public sealed class ObjectStoreSettingsTests
{
    private const string Setting = "ConnectionStrings:objects";

    [Fact]
    public void A_directory_is_read() =>
        ObjectStoreSettings.Parse(Setting, "Directory=/var/lib/a;").ShouldBe(new ObjectStoreSettings.Directory("/var/lib/a"));

    [Fact]
    public void A_bucket_is_read() =>
        ObjectStoreSettings.Parse(Setting, "Endpoint=http://host:9000;Bucket=b;AccessKey=a;SecretKey=s=/+;Region=eu-central-1;CreateBucket=false")
            .ShouldBe(new ObjectStoreSettings.S3(new Uri("http://host:9000"), "b", "a", "s=/+", "eu-central-1", CreateBucket: false));

    [Theory]
    [InlineData(null, "is not set")]
    [InlineData("  ", "is not set")]
    [InlineData("nonsense", "is not of the form")]
    [InlineData("Directory=relative/path", "not an absolute path")]
    [InlineData("Endpoint=http://host:9000", "neither a Directory nor a Bucket")]
    [InlineData("Endpoint=host;Bucket=b", "not an http or https address")]
    [InlineData("Bucket=b;AccessKey=a", "both AccessKey and SecretKey")]
    [InlineData("Bucket=b;CreateBucket=maybe", "neither true nor false")]
    public void A_bad_setting_is_named_without_its_secrets(string? text, string complaint)
    {
        var message = Should.Throw<InvalidOperationException>(() => ObjectStoreSettings.Parse(Setting, text)).Message;

        message.ShouldStartWith(Setting);
        message.ShouldContain(complaint);
    }

    [Fact]
    public void A_secret_is_never_shown() =>
        new ObjectStoreSettings.S3(new Uri("http://host"), "b", "a", "hunter2", "r", true).ToString().ShouldNotContain("hunter2");
}
