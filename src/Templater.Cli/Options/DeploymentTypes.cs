using System.Diagnostics.CodeAnalysis;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Options;

/// <summary>Kinds of values that only deployment knows.</summary>
internal static class DeploymentTypes
{
    public static readonly SettingType<ReloadSpec> Reload = Of(
        "auto, docker:NAME[:SIGNAL], docker:NAME:restart, label:K=V[:SIGNAL], label:K=V:restart, haproxy:SOCKET, pidfile:PATH[:SIGNAL], process:NAME[:SIGNAL], exec:NAME:CMD, command:CMD, http:URL, push:[ADDRESS:]PORT or none",
        ReloadSpec.Parse);

    public static readonly SettingType<ValidateSpec> Validate = Of("auto, none, command:CMD or exec:NAME:CMD", ValidateSpec.Parse);

    public static readonly SettingType<VerifySpec> Verify = Of("auto, none, http:URL or command:CMD", VerifySpec.Parse);

    private static SettingType<T> Of<T>(string legalValues, Func<string, T> parse)
        where T : class
    {
        return new SettingType<T>(legalValues, Try);

        bool Try(string text, [MaybeNullWhen(false)] out T value, out string? hint)
        {
            (value, hint) = (null, null);
            try
            {
                value = parse(text);
                return true;
            }
            catch (SpecFormatException exception)
            {
                // Value and legal forms stand before it.
                hint = exception.Detail.Length == 0 ? "" : $"{char.ToUpperInvariant(exception.Detail[0])}{exception.Detail[1..]}.";
                return false;
            }
        }
    }
}
