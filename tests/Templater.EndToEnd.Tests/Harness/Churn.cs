namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Containers that come and go.</summary>
internal static class Churn
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(700);

    /// <summary>Stops and starts these containers in turn for a time, one at a time; all run at the end.</summary>
    /// <returns>How many stops there were.</returns>
    public static async Task<int> StopAndStartAsync(Stage stage, string[] names, TimeSpan time, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var i = 0;
        for (; TimeProvider.System.GetElapsedTime(start) < time; i++)
        {
            await stage.Engine.RunAsync("stop", names[i % names.Length]);
            await Task.Delay(Pause, cancellationToken);
            await stage.Engine.RunAsync("start", names[i % names.Length]);
            await Task.Delay(Pause, cancellationToken);
        }

        return i;
    }
}
