using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace AiFactory.ServiceDefaults.Objects.S3;

internal static class S3Client
{
    public static AmazonS3Client Create(ObjectStoreSettings.S3 settings)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = settings.Region,
            // The SDK's newer checksums are refused or ignored by most servers but AWS. Bodies are signed with their SHA-256 all the same.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 3,
        };
        if (settings.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.ForcePathStyle = true;
            config.UseHttp = endpoint.Scheme == Uri.UriSchemeHttp;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        return settings.AccessKey is null
            ? new AmazonS3Client(config)
            : new AmazonS3Client(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), config);
    }
}
