//! The hands of the slow lane: has Azure tell usage, and lays it into a private file as it passes by.
//! Must not know: what is to be asked next; the lane decides.

use sha2::{Digest, Sha256};
use time::Date;

use crate::azure::{
    AzureError, CostReport, DocumentSource, LinkRefused, SasUrl, UsageDetails, oldest_report_day,
};
use crate::download::crc32::crc32;
use crate::download::driver::{ADDRESSES, Run, hexadecimal};
use crate::download::failure::{Failure, FailureCode};
use crate::download::job::{HeldFile, Ready};
use crate::download::ports::{PortError, PrivateWriter};
use crate::download::table::Region;
use crate::invoices::{DocumentId, FileFormat};

use super::UsageAnswer;
use super::join::Join;
use super::table::UsageTable;

impl Run {
    /// Has Azure tell what was used since this day, and lays it into a private file.
    pub(in crate::download) async fn obtain_usage(
        &self,
        id: &DocumentId,
        source: &DocumentSource,
        since: Option<Date>,
        region: Region,
    ) -> Result<UsageAnswer, Failure> {
        match source {
            DocumentSource::CostReport(report) => {
                let oldest = oldest_report_day(self.clock.now().date());
                if since.is_some_and(|since| since < oldest) {
                    return Err(Failure::plain(FailureCode::UsageTooOld));
                }
                self.obtain_report(id, report).await
            }
            DocumentSource::UsageDetails(details) => self.obtain_details(id, details, region).await,
            _ => Err(LinkRefused::NotListed.into()),
        }
    }

    async fn obtain_report(&self, id: &DocumentId, report: &CostReport) -> Result<UsageAnswer, Failure> {
        let mut asked = 1;
        loop {
            let addresses = match report.generate(&self.arm).await {
                Err(AzureError::Forbidden(refusal) | AzureError::NotFound(refusal)) => {
                    let failure = Failure::refused(FailureCode::UsageRefused, refusal);
                    return Ok(UsageAnswer::Refused(failure));
                }
                addresses => addresses?,
            };
            for address in &addresses {
                if !self.blobs.may_read(address, self.arm.identity().cloud).await {
                    return Ok(UsageAnswer::Ready(Ready::Link {
                        host: address.host().to_owned(),
                        source: DocumentSource::CostReport(report.clone()),
                    }));
                }
            }
            if addresses.is_empty() {
                return Ok(UsageAnswer::NothingUsed);
            }
            match self.join(id, &addresses).await {
                // The addresses have ended, or a long file has broken off.
                Err(failure)
                    if asked < ADDRESSES
                        && matches!(failure.code, FailureCode::NotAllowed | FailureCode::Network) =>
                {
                    asked += 1;
                }
                file => return Ok(UsageAnswer::Ready(Ready::File(file?))),
            }
        }
    }

    async fn join(&self, id: &DocumentId, addresses: &[SasUrl]) -> Result<HeldFile, Failure> {
        let mut file = self.begin_file(id).await?;
        let mut table = Join::default();
        for address in addresses {
            let mut blob = self.blobs.open(address).await?;
            table.begin_part();
            while let Some(piece) = blob.next().await {
                file.write(&table.take(&piece?)?).await?;
            }
            file.write(&table.end_part(blob.announced_length)?).await?;
        }
        Ok(file.close().await?)
    }

    async fn obtain_details(
        &self,
        id: &DocumentId,
        details: &UsageDetails,
        region: Region,
    ) -> Result<UsageAnswer, Failure> {
        let mut pages = details.pages(&self.arm)?;
        let mut table = UsageTable::new(region);
        let mut file = self.begin_file(id).await?;
        let mut has_lines = false;
        while let Some(page) = pages.next(&self.arm).await {
            let lines = match page {
                Err(AzureError::Forbidden(refusal) | AzureError::NotFound(refusal)) if !has_lines => {
                    let failure = Failure::refused(FailureCode::UsageRefused, refusal);
                    return Ok(UsageAnswer::Refused(failure));
                }
                lines => lines?,
            };
            has_lines |= !lines.is_empty();
            for line in &lines {
                table.line(line);
            }
            file.write(&table.take()).await?;
        }
        match has_lines {
            true => Ok(UsageAnswer::Ready(Ready::File(file.close().await?))),
            false => Ok(UsageAnswer::NothingUsed),
        }
    }

    async fn begin_file(&self, id: &DocumentId) -> Result<FileInHand, PortError> {
        let name = self.private_name(id, FileFormat::Csv);
        Ok(FileInHand {
            writer: self.files.begin(&name).await?,
            name,
            bytes: 0,
            sha256: Sha256::new(),
            crc32: 0,
        })
    }
}

/// A private file that is being written, and what is to be known of it at its end.
struct FileInHand {
    writer: Box<dyn PrivateWriter>,
    name: String,
    bytes: u64,
    sha256: Sha256,
    crc32: u32,
}

impl FileInHand {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        self.sha256.update(bytes);
        self.crc32 = crc32(self.crc32, bytes);
        self.writer.write(bytes).await
    }

    async fn close(mut self) -> Result<HeldFile, PortError> {
        self.writer.close().await?;
        Ok(HeldFile {
            name: self.name,
            bytes: self.bytes,
            sha256: hexadecimal(&self.sha256.finalize()),
            crc32: self.crc32,
        })
    }
}
