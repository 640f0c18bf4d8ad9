using System.Net;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Updates;

/// <summary>Where files of packages come from: the control plane's device address, asked with the device's certificate and the pinned CA.</summary>
internal interface IPackageSource
{
    /// <summary>Asks for a file by its digest, or for a part of it. Completes with the headers; the body is read by the caller, who disposes the answer.</summary>
    /// <param name="digest">File.</param>
    /// <param name="range">Part wanted; null for the whole file.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Whatever the server answered: 200, 206, 404, 503 ... Redirects are not followed to other hosts.</returns>
    /// <exception cref="HttpRequestException">No answer: no network, no name, TLS refused, or the board is not enrolled yet.</exception>
    Task<HttpResponseMessage> GetAsync(Sha256Digest digest, ByteRange? range, CancellationToken cancel);

    /// <summary>Asks for the delta from one file to another, as <see cref="GetAsync"/> does for a file: 404 where there is none, 503 while it is being made. A server of plain files has none.</summary>
    /// <param name="from">File that is there.</param>
    /// <param name="to">File that is wanted.</param>
    /// <param name="range">Part wanted; null for the whole delta.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HttpRequestException">No answer.</exception>
    Task<HttpResponseMessage> GetDeltaAsync(Sha256Digest from, Sha256Digest to, ByteRange? range, CancellationToken cancel) =>
        Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
}
