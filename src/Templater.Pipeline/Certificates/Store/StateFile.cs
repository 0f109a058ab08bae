using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>A file that could not be understood and was put aside, so that a person can look at it.</summary>
/// <param name="Path">Where it is now; whoever has seen it removes it.</param>
/// <param name="Finding">What there is to say.</param>
public sealed record PutAsideFile(string Path, Finding Finding);

/// <summary>
/// Files of one form in the state directory, as JSON with the number of the format. Written whole, for their owner's eyes alone. One that
/// cannot be understood is put aside and counts as absent; one of a newer format is left alone.
/// </summary>
/// <typeparam name="T">What is in it; its member <c>format</c> is the number.</typeparam>
/// <param name="directory">The state directory.</param>
/// <param name="type">How it is written.</param>
/// <param name="isWhole">Whether what was read can be used.</param>
/// <param name="what">What such a file is, for messages.</param>
/// <param name="loss">What it means to be without it: a sentence.</param>
/// <param name="notice">Is told of a file that was put aside.</param>
internal sealed class StateFile<T>(StateDirectory directory, JsonTypeInfo<T> type, Func<T, bool> isWhole, string what, string loss, Action<PutAsideFile>? notice)
    where T : class
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>What is in a file; null when there is none that can be used.</summary>
    /// <param name="relative">Its path below the state directory.</param>
    /// <exception cref="StateDirectoryException">A newer version wrote it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public T? Load(string relative)
    {
        if (!File.Exists(directory[relative]) || directory.Read(relative) is not { } bytes)
            return null;
        if (Parse(bytes, relative) is { } value)
            return value;
        directory.PutAside(relative);
        var aside = directory[relative] + StateDirectory.AsideSuffix;
        notice?.Invoke(new(aside, new Finding(FindingSeverity.Warning, ReasonIds.InvalidInput, $"{what} could not be read and was kept as {aside}. {loss}")));
        return null;
    }

    /// <summary>The same for who only looks on: what cannot be used stays where it is, and is not told of.</summary>
    /// <param name="relative">Its path below the state directory.</param>
    /// <exception cref="StateDirectoryException">A newer version wrote it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public T? Peek(string relative) => directory.Read(relative) is { } bytes ? Parse(bytes, relative) : null;

    /// <summary>Replaces a file.</summary>
    /// <param name="relative">Its path below the state directory; its folder is there.</param>
    /// <param name="value">What is to be in it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string relative, T value) => directory.WriteSecret(relative, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>When a file changed last; equal stamps mean equal files.</summary>
    /// <param name="relative">Its path below the state directory.</param>
    public FileStamp StampOf(string relative) => FileStamp.Of(directory[relative]);

    private T? Parse(byte[] bytes, string relative) =>
        bytes.Length <= MaxBytes && StateForm.Parse(bytes, type, directory[relative]) is { } value && isWhole(value) ? value : null;
}

/// <summary>Reads files that carry the number of their format.</summary>
internal static class StateForm
{
    /// <summary>What is in such a file; null where it is not what was written.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="type">Its form.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="StateDirectoryException">A newer version wrote it.</exception>
    public static T? Parse<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type, string path)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            // A newer format may hold anything; its number is looked at before the rest is.
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("format", out var number) || !number.TryGetInt32(out var format) || format < 1)
                return null;
            return format <= StateDirectory.Format ? document.Deserialize(type) : throw StateDirectory.Newer(path, format);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>
/// One such file that is read often: it is read again when somebody changed it. What could not be written holds for this process
/// nevertheless, and is written with the next change. Thread-safe.
/// </summary>
/// <typeparam name="T">What is in it; immutable.</typeparam>
/// <param name="file">The form.</param>
/// <param name="relative">The path below the state directory.</param>
/// <param name="gate">Keeps changes apart.</param>
/// <param name="nothing">What holds where there is no file.</param>
internal sealed class StateMemory<T>(StateFile<T> file, string relative, StoreGate gate, T nothing)
    where T : class
{
    private readonly Lock _lock = new();
    private T? _value;
    private FileStamp _stamp;
    private bool _isUnsaved;

    /// <summary>What holds now.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public T Value
    {
        get
        {
            lock (_lock)
            {
                var stamp = file.StampOf(relative);
                if (_value is not null && (_isUnsaved || stamp == _stamp))
                    return _value;
                _value = file.Load(relative) ?? nothing;
                // A file that was put aside is gone.
                _stamp = file.StampOf(relative);
                return _value;
            }
        }
    }

    /// <summary>Changes it.</summary>
    /// <param name="change">Makes the new value of the old one; a value that is the same object is not written.</param>
    /// <param name="cancellationToken">Gives up before anything was done.</param>
    /// <exception cref="IOException">It could not be written; it holds for this process.</exception>
    public async Task ChangeAsync(Func<T, T> change, CancellationToken cancellationToken)
    {
        using var held = await gate.EnterAsync(cancellationToken);
        lock (_lock)
        {
            var before = Value;
            var after = change(before);
            if (ReferenceEquals(before, after) && !_isUnsaved)
                return;
            (_value, _isUnsaved) = (after, true);
            file.Save(relative, after);
            (_stamp, _isUnsaved) = (file.StampOf(relative), false);
        }
    }
}
