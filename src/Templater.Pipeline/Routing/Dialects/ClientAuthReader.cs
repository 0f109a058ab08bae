using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads whether clients have to show certificates. Whatever is wrong with that refuses the host.</summary>
internal static class ClientAuthReader
{
    private const string ModeKey = "tls.client-auth";
    private const string FileKey = "tls.client-ca";

    /// <summary>Reads what one route says about its host; null when it says nothing, or is refused.</summary>
    /// <param name="reader">The route's labels.</param>
    public static ClientAuth? Read(LabelReader reader)
    {
        var mode = reader.Choice<ClientAuthMode>(ModeKey);
        var file = reader.Object<string>(FileKey, TryFile, "the name of a file in the certificates directory, without / and without a dot at its start");
        if (mode == ClientAuthMode.Off)
            return new ClientAuth(ClientAuthMode.Off, "");
        if (mode is { } wanted && file is not null)
            return new ClientAuth(wanted, file);
        // One without the other is half of a wish, and the half that is missing is not everyone.
        if (mode is not null && reader.Raw(FileKey) is null && reader.Raw(ModeKey) is var (modeLabel, _))
            reader.Refuse(ModeKey, modeLabel, ReasonIds.InvalidValue, $"{Untrusted.Shown(modeLabel)} needs {FileKey}, the name of a file with authorities in the certificates directory.");
        if (file is not null && reader.Raw(ModeKey) is null && reader.Raw(FileKey) is var (fileLabel, _))
            reader.Refuse(FileKey, fileLabel, ReasonIds.InvalidValue, $"{Untrusted.Shown(fileLabel)} needs {ModeKey}: required, optional or off.");
        return null;
    }

    private static bool TryFile(string text, out string value)
    {
        value = text;
        return OperatorFileReader.IsName(text);
    }
}
