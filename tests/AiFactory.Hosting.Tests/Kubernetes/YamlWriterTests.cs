using AiFactory.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace AiFactory.Hosting.Tests.Kubernetes;

public sealed class YamlWriterTests
{
    [Fact]
    public void An_object_is_written_with_what_it_has()
    {
        var config = new ConfigMap { Metadata = { Name = "a" } };
        config.Data["b"] = "true";
        config.Data["a"] = "line\nline";
        YamlWriter.Write(config).ShouldBe("""
            apiVersion: "v1"
            kind: "ConfigMap"
            metadata:
              name: "a"
            data:
              a: "line\nline"
              b: "true"

            """);
    }

    [Fact]
    public void Lists_numbers_and_expressions_keep_their_kind()
    {
        var pod = new PodSpecV1();
        pod.Containers.Add(new ContainerV1 { Name = "c", Args = { "--x" }, Ports = { new ContainerPortV1 { ContainerPort = "{{ .Values.port | int }}" }, new ContainerPortV1 { ContainerPort = 80 } } });
        YamlWriter.Write(pod).ShouldBe("""
            containers:
              - name: "c"
                args:
                  - "--x"
                ports:
                  - containerPort: {{ .Values.port | int }}
                  - containerPort: 80

            """);
    }

    [Theory]
    [InlineData("{{ include \"x\" . }}", "'{{ include \"x\" . }}'")]
    [InlineData("{{ include `x` . }}", "\"{{ include `x` . }}\"")]
    [InlineData("say \"no\" \\ \t\u0001", "\"say \\\"no\\\" \\\\ \\t\\x01\"")]
    [InlineData("", "\"\"")]
    public void A_text_is_quoted_so_that_Helm_and_YAML_both_read_it(string text, string written)
        => YamlWriter.Write(new Dictionary<string, object> { ["a"] = text }).ShouldBe($"a: {written}\n");
}
