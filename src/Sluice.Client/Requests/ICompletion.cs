namespace Sluice.Client.Requests;

/// <summary>A caller that waits for the end of its request.</summary>
internal interface ICompletion
{
    /// <summary>Ends the wait. The caller may run in the frames of this call.</summary>
    void Complete();
}
