using AiFactory.Inference.Fleet;
using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Configuration;

namespace AiFactory.Inference.Tests.Weights;

public sealed class ModelUriTests
{
    private static readonly string One = $"sha256:{new string('a', 64)}";
    private static readonly string Two = $"sha256:{new string('b', 64)}";

    [Theory]
    [InlineData("s3://bucket/models/chat.gguf", "models/chat.gguf", "chat")]
    [InlineData("s3://bucket/a%20b/x y.Q4_K_M.gguf", "a%20b/x y.Q4_K_M.gguf", "x y.Q4_K_M")]
    [InlineData("file:///models/a%20b.gguf", "/models/a b.gguf", "a b")]
    [InlineData("/mnt/models", "/mnt/models", "models")]
    [InlineData("/mnt/chat-00001-of-00003.gguf", "/mnt/chat-00001-of-00003.gguf", "chat")]
    [InlineData("https://server/x/chat.gguf?token=1", "https://server/x/chat.gguf?token=1", "chat")]
    public void It_names_a_file_and_a_model(string text, string key, string name)
    {
        var uri = ModelUri.Parse(text, allowHttp: true);
        (uri.Key, uri.DefaultName).ShouldBe((key, name));
        uri.Digests.ShouldBeEmpty();
        var withDigest = ModelUri.Parse($"{text}{(text.Contains('?') ? '&' : '?')}digest={One},{Two}", allowHttp: true);
        (withDigest.Key, withDigest.DefaultName).ShouldBe((key, name));
        withDigest.Digests.ShouldBe([One, Two]);
    }

    [Theory]
    [InlineData("gs://bucket/key", "the scheme 'gs' is not known")]
    [InlineData("chat.gguf", "no absolute path")]
    [InlineData("s3://bucket", "not of the form s3://bucket/key")]
    [InlineData("s3:///key", "not of the form s3://bucket/key")]
    [InlineData("file://host/key", "not of the form file:///path")]
    [InlineData("http://server/chat.gguf", "AIFACTORY_MODEL_ALLOW_HTTP")]
    [InlineData("s3://bucket/key?digest=sha256:12", "the digest 'sha256:12' is none")]
    public void What_is_wrong_is_said(string text, string complaint) =>
        Should.Throw<FormatException>(() => ModelUri.Parse(text, allowHttp: false)).Message.ShouldContain(complaint);

    [Fact]
    public void Keys_of_a_bucket_come_from_the_usual_variables_where_the_connection_string_has_none()
    {
        var configuration = Configuration(("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "s;'x"), ("AWS_ENDPOINT_URL", "http://s3:9000"), ("AWS_DEFAULT_REGION", "eu-1"), ("ConnectionStrings:objects", "Directory=/x"));
        WeightsExtensions.ConnectionString("b", configuration).ShouldBe("Bucket=b;CreateBucket=false;Endpoint=http://s3:9000;Region=eu-1;AccessKey=a;SecretKey=\"s;'x\"", StringCompareShould.IgnoreCase);
        WeightsExtensions.ConnectionString("b", Configuration(("ConnectionStrings:objects", "Endpoint=http://own;Bucket=old;AccessKey=1;SecretKey=2"), ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "s")))
            .ShouldBe("endpoint=http://own;bucket=b;accesskey=1;secretkey=2;CreateBucket=false", StringCompareShould.IgnoreCase);
        WeightsExtensions.ConnectionString("b", Configuration(("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "t"))).ShouldBe("Bucket=b;CreateBucket=false", StringCompareShould.IgnoreCase);
    }

    [Fact]
    public void Variables_are_other_names_for_settings_and_settings_count_more()
    {
        var serve = ServeEnvironment.Apply(Configuration(
            ("AIFACTORY_MODEL_URI", "/m.gguf"), ("AIFACTORY_MODEL_NAME", "variable"), ("Serve:Deployment", "setting"), ("AIFACTORY_CONTEXT_LENGTH", "512"), ("AIFACTORY_SLOTS", "2"), ("AIFACTORY_API_KEY", "0123456789abcdef")));
        (serve.Uri, serve.Deployment, serve.ContextLength, serve.Slots, serve.ApiKey).ShouldBe(("/m.gguf", "setting", 512, 2, "0123456789abcdef"));
        ServeEnvironment.Apply(Configuration(("AIFACTORY_MODEL_NAME", "alone"))).IsOne.ShouldBeFalse();
    }

    [Fact]
    public void A_worker_that_nobody_could_call_does_not_start() =>
        Should.Throw<InvalidOperationException>(() => ServeEnvironment.Apply(Configuration(("AIFACTORY_MODEL_URI", "/m.gguf")))).Message.ShouldContain("AIFACTORY_API_KEY");

    [Fact]
    public void With_a_key_of_its_own_the_factorys_identities_are_signed_by_nobody()
    {
        var configuration = Configuration(("AIFACTORY_MODEL_URI", "/m.gguf"), ("AIFACTORY_API_KEY", "0123456789abcdef"));
        ServeEnvironment.Apply(configuration);
        configuration[$"{IdentityOptions.Section}:Key"].ShouldNotBeNull().Length.ShouldBe(64);
    }

    private static ConfigurationManager Configuration(params (string Name, string Value)[] values)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(values.Select(value => new KeyValuePair<string, string?>(value.Name, value.Value)));
        return configuration;
    }
}
