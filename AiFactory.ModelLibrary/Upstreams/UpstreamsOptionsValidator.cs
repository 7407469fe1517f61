using System.Globalization;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Upstreams;

internal sealed class UpstreamsOptionsValidator : IValidateOptions<UpstreamsOptions>
{
    public ValidateOptionsResult Validate(string? name, UpstreamsOptions options)
    {
        List<string> faults =
        [
            .. options.AllowedHosts.Select((text, index) => (text, index)).Where(one => AllowedHost.TryParse(one.text) is null).Select(one => string.Create(
                CultureInfo.InvariantCulture,
                $"{UpstreamsOptions.Section}:{nameof(UpstreamsOptions.AllowedHosts)}:{one.index} must be a host as 'api.example.com', 'llm.internal:8443', '*.example.com', or with 'http://' before it where plain HTTP is allowed; it is '{one.text}'.")),
        ];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
